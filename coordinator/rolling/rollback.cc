#include "coordinator/rolling/rollback.h"

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/rollout.h"

namespace jettyfleet {

absl::StatusOr<v1::DrillSpec> RollbackOf(const Operation& rollout) {
  if (!rollout.spec.has_rollout() || rollout.spec.rollout().restart_only()) {
    return absl::FailedPreconditionError(
        absl::StrCat("operation ", rollout.id, " rolled out no archive: there is nothing to go back to"));
  }
  if (!rollout.end.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat("rollout ", rollout.id,
                                                      " has not ended: wait for its end, or abort it first "
                                                      "(jettyfleet rollout abort ",
                                                      rollout.id, ")"));
  }
  v1::DrillSpec spec = rollout.spec;
  v1::RolloutSpec* const back = spec.mutable_rollout();
  back->set_rolls_back(rollout.id);
  back->set_on_failure(v1::ON_FAILURE_STOP);
  back->clear_version();
  back->clear_sha256();
  back->clear_size();
  back->clear_canary_nodes();
  back->clear_back_to();
  spec.clear_nodes();
  // What it goes back to was good before: it is compared with nothing that is being taken back.
  spec.mutable_budget()->set_slower_percent(0);
  for (auto visit = rollout.visits.rbegin(); visit != rollout.visits.rend(); ++visit) {
    const std::string before = ReleaseOf(rollout, visit->node, "").before_sha256();
    if (before.empty() || !MayHaveChanged(rollout, visit->node)) continue;
    spec.add_nodes(visit->node);
    v1::NodeContent* const content = back->add_back_to();
    content->set_node(visit->node);
    content->set_sha256(before);
  }
  if (spec.nodes().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("rollout ", rollout.id, " changed no node's archive: there is nothing to go back to"));
  }
  return spec;
}

bool WantsRollback(const Operation& rollout) {
  return rollout.end.has_value() && rollout.end->state() == v1::OPERATION_STATE_FAILED &&
         rollout.spec.rollout().on_failure() == v1::ON_FAILURE_ROLLBACK && RollbackOf(rollout).ok();
}

std::string FollowingRollbackId(const std::string& rollout_id) { return absl::StrCat(rollout_id, "-back"); }

}  // namespace jettyfleet
