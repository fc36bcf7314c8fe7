#include "agent/act/fail_instance.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/lock.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// A function, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> FailCommand(const v1::FailInstance& act) {
  return {"crm_resource", "--fail", "--resource", act.resource(), "--node", act.node()};
}

}  // namespace

Task<v1::ActionResult> FailInstance(Cib& cib, std::string operation_id, v1::FailInstance act) {
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const v1::ActionResult allowed = CheckLockAllows(*document, operation_id, cib.tools().clock().WallNow());
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  if (!document->FindPrimitive(act.resource()).has_value()) {
    co_return Refused(absl::StrCat("the cluster has no primitive resource ", act.resource()));
  }
  const absl::Status fit = co_await cib.CheckQuorumAndRest();
  if (!fit.ok()) {
    v1::ActionResult refused = Refused(absl::string_view(fit.message()));
    refused.set_in_transition(absl::IsUnavailable(fit));
    co_return refused;
  }
  const CommandResult told = co_await cib.tools().Run(FailCommand(act));
  if (told.status.ok() && told.exit_code == 0) co_return Done();
  co_return WithoutEffect("crm_resource --fail", told);
}

}  // namespace jettyfleet
