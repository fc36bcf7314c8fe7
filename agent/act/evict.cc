#include "agent/act/evict.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/cib_lease.h"
#include "agent/act/lock.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::vector<std::string> PcsCommand(const v1::EvictNode& act, absl::Time end) {
  return {"pcs",
          "constraint",
          "location",
          act.clone(),
          "rule",
          absl::StrCat("id=", act.lease_id(), "-rule"),
          absl::StrCat("constraint-id=", act.lease_id()),
          "score=-INFINITY",
          "#uname",
          "eq",
          act.node(),
          "and",
          "date",
          "lt",
          CibTime(end)};
}

}  // namespace

Task<v1::ActionResult> EvictNode(Cib& cib, LeaseStore& leases, std::string operation_id, v1::EvictNode act) {
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const absl::Time now = cib.tools().clock().WallNow();
  const v1::ActionResult allowed = CheckLockAllows(*document, operation_id, now);
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  if (document->NodeId(act.node()).empty()) co_return Refused(absl::StrCat("the cluster has no node ", act.node()));
  if (!document->HasResource(act.clone())) co_return Refused(absl::StrCat("the cluster has no resource ", act.clone()));
  const CibLease lease = {.kind = v1::CibEntryFact::KIND_EVICT_RULE,
                          .id = act.lease_id(),
                          .node = act.node(),
                          .operation_id = operation_id,
                          .end = RoundUpToSecond(now + FromProto(act.duration()))};
  std::optional<v1::ActionResult> answer = AnswerFromCib(*document, lease, now);
  if (answer.has_value() && answer->outcome() == v1::ActionResult::OUTCOME_DONE &&
      document->ResourceOfRule(act.lease_id()) != act.clone()) {
    answer = Refused(absl::StrCat("lease id ", act.lease_id(), " is used already, for another resource"));
  }
  if (answer.has_value()) co_return *answer;
  const absl::Status armed = co_await ArmCibLease(cib, leases, lease);
  if (!armed.ok()) co_return Refused(absl::string_view(armed.message()));
  CommandResult acted = co_await cib.tools().Run(PcsCommand(act, lease.end));
  co_return co_await VerifyCibLease(cib, lease, "pcs constraint location", std::move(acted));
}

}  // namespace jettyfleet
