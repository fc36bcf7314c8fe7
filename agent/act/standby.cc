#include "agent/act/standby.h"

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

constexpr int kNothingFound = 105;  // cibadmin's exit where an XPath matches nothing

// Highest score: a `standby=off` in another set would win over an equal one.
std::string SetXml(const CibLease& lease, const std::string& node_id) {
  return absl::StrCat("<node id=\"", node_id, "\"><instance_attributes id=\"", lease.id, "\" score=\"INFINITY\">",
                      "<rule id=\"", lease.id, "-rule\" score=\"0\" boolean-op=\"and\"><date_expression id=\"",
                      lease.id, "-date\" operation=\"lt\" end=\"", CibTime(lease.end), "\"/></rule><nvpair id=\"",
                      lease.id, "-standby\" name=\"standby\" value=\"on\"/></instance_attributes></node>");
}

std::vector<std::string> TransientStandbyQuery(const std::string& node) {
  return {"cibadmin", "--query", "--xpath",
          absl::StrCat("//node_state[@uname='", node, "']/transient_attributes//nvpair[@name='standby']")};
}

// `crm_standby --lifetime reboot` sets the attribute in the status section, which the configuration does not show.
Task<std::string> TransientStandby(Tools& tools, std::string node) {
  const CommandResult result = co_await tools.Run(TransientStandbyQuery(node));
  if (result.status.ok() && result.exit_code == kNothingFound) co_return std::string();
  if (!result.status.ok() || result.exit_code != 0) {
    co_return absl::StrCat("cannot see whether ", node, " is in standby until its reboot: ", WhyItFailed(result));
  }
  if (result.out.find("value=\"off\"") != std::string::npos ||
      result.out.find("value=\"false\"") != std::string::npos) {
    co_return std::string();
  }
  co_return absl::StrCat("node ", node, " is in an operator's standby until its reboot; it is left alone");
}

std::string OtherStandbyOfOurs(const CibDocument& cib, const CibLease& lease, absl::Time now) {
  for (const v1::CibEntryFact& entry : cib.Ours()) {
    const bool over = entry.has_ends_at() && FromProto(entry.ends_at()) <= now;
    if (entry.kind() == lease.kind && entry.node() == lease.node && entry.id() != lease.id && !over) {
      return Describe(entry);
    }
  }
  return "";
}

}  // namespace

Task<v1::ActionResult> StandbyNode(Cib& cib, LeaseStore& leases, std::string operation_id, v1::StandbyNode act) {
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const absl::Time now = cib.tools().clock().WallNow();
  const v1::ActionResult allowed = CheckLockAllows(*document, operation_id, now);
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  const std::string node_id = document->NodeId(act.node());
  if (node_id.empty()) co_return Refused(absl::StrCat("the cluster has no node ", act.node()));
  const CibLease lease = {.kind = v1::CibEntryFact::KIND_STANDBY_SET,
                          .id = act.lease_id(),
                          .node = act.node(),
                          .operation_id = operation_id,
                          .end = RoundUpToSecond(now + FromProto(act.duration()))};
  const std::optional<v1::ActionResult> answer = AnswerFromCib(*document, lease, now);
  if (answer.has_value()) co_return *answer;
  if (const std::string set = document->ForeignStandby(act.node()); !set.empty()) {
    co_return Refused(
        absl::StrCat("node ", act.node(), " is in an operator's standby (set ", set, "); it is left alone"));
  }
  if (const std::string other = OtherStandbyOfOurs(*document, lease, now); !other.empty()) {
    co_return Refused(absl::StrCat("node ", act.node(), " is in standby already: ", other));
  }
  const std::string transient = co_await TransientStandby(cib.tools(), act.node());
  if (!transient.empty()) co_return Refused(transient);
  const absl::Status armed = co_await ArmCibLease(cib, leases, lease);
  if (!armed.ok()) co_return Refused(absl::string_view(armed.message()));
  // Matches only while the node has no set of this id, so that of two writers one fails.
  CommandResult acted = co_await cib.Modify(
      absl::StrCat("//nodes/node[@uname='", act.node(), "'][not(instance_attributes/@id='", lease.id, "')]"),
      SetXml(lease, node_id));
  co_return co_await VerifyCibLease(cib, lease, "cibadmin --modify", std::move(acted));
}

}  // namespace jettyfleet
