#include "agent/act/configure.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/act/cib_change.h"
#include "agent/act/cib_command.h"
#include "agent/act/lock.h"
#include "agent/act/outcome.h"

namespace jettyfleet {

Task<v1::ActionResult> Configure(Cib& cib, v1::Action action) {
  absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const v1::ActionResult allowed = CheckLockAllows(*document, action.operation_id(), cib.tools().clock().WallNow());
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  CibChange change = ChangeFor(action, *document);
  if (change.state == CibChange::State::kThere) co_return Done();
  if (change.state == CibChange::State::kImpossible) co_return Refused(change.what);
  // No conditional expression: GCC 12 miscompiles those that await.
  absl::Status fit;
  if (action.also_in_transition()) {
    fit = co_await cib.CheckQuorum();
  } else {
    fit = co_await cib.CheckQuorumAndRest();
  }
  if (!fit.ok()) {
    v1::ActionResult refused = Refused(absl::string_view(fit.message()));
    refused.set_in_transition(absl::IsUnavailable(fit));
    co_return refused;
  }
  const CommandResult acted = co_await cib.tools().Run(PcsCommand(action, *document));
  if (action.has_cleanup_resource()) {
    // It changes the cluster's history, not its configuration: there is nothing to look at but how it ended.
    const bool ended_well = acted.status.ok() && acted.exit_code == 0;
    if (ended_well) co_return Done();
    // An orphan that went by itself, or by an earlier try.
    const std::string& resource = action.cleanup_resource().resource();
    const bool gone = acted.status.ok() && !document->HasResource(resource) &&
                      absl::StrContains(acted.err, absl::StrCat("Resource '", resource, "' not found"));
    if (gone) co_return Done();
    co_return WithoutEffect("pcs resource cleanup", acted);
  }
  document = co_await cib.Read();
  if (!document.ok()) co_return WithoutEffect("cannot see what became of it: pcs", acted);
  change = ChangeFor(action, *document);
  if (change.state == CibChange::State::kThere) co_return Done();
  if (change.state == CibChange::State::kImpossible) co_return Failed(absl::StrCat("pcs ended, but ", change.what));
  co_return WithoutEffect(absl::StrCat(change.what, ": pcs"), acted);
}

}  // namespace jettyfleet
