#include "coordinator/rolling/goal.h"

#include <algorithm>
#include <vector>

#include "coordinator/rolling/timing.h"

namespace jettyfleet {

Goal JudgeGoal(const Operation& operation, const std::string& purpose, absl::Time fresh, bool seen) {
  const std::vector<const IssuedAction*> attempts = operation.Attempts(purpose);
  // After a restart nothing is issued before the state has been read again.
  if (fresh < operation.resumed_at) return Goal::kWaiting;
  if (attempts.empty()) return Goal::kIssue;
  const IssuedAction& last = *attempts.back();
  if (!last.ended) {
    // Issued by an earlier life of the coordinator: its answer may be lost, but what it did can be seen.
    return last.issued_at < operation.resumed_at && seen ? Goal::kMet : Goal::kWaiting;
  }
  if (fresh < last.ended_at) return Goal::kWaiting;
  if (seen) return Goal::kMet;
  // Done, but not (or no longer) to be seen: the step's deadline decides. Failures stop the operation elsewhere.
  if (!last.unanswered) return Goal::kWaiting;
  return attempts.size() < kForwardAttempts ? Goal::kIssue : Goal::kGaveUp;
}

}  // namespace jettyfleet
