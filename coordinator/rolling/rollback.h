// Taking a rollout back: another rollout, which gives each node what it had before. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_ROLLBACK_H_
#define JETTYFLEET_COORDINATOR_ROLLING_ROLLBACK_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// Of every node that `rollout` changed, or may have changed, newest first; who and why are left to the caller.
// FailedPrecondition, in one line: it is no rollout of an archive, has not ended, or there is nothing to go back to.
absl::StatusOr<v1::DrillSpec> RollbackOf(const Operation& rollout);

// It ended in a way after which its own spec wants it taken back, and there is something to go back to. Not when an
// operator ended it: whoever aborts says what comes next.
bool WantsRollback(const Operation& rollout);

// The id of the rollback that follows by itself; the same whoever asks, so that it is begun once.
std::string FollowingRollbackId(const std::string& rollout_id);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_ROLLBACK_H_
