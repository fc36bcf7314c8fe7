// Whether a forward action has reached what it was for: by observation, never by its answer alone. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_GOAL_H_
#define JETTYFLEET_COORDINATOR_ROLLING_GOAL_H_

#include <string>

#include "absl/time/time.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

enum class Goal {
  kIssue,    // nothing is under way and the fresh state asks for the action
  kWaiting,  // an answer or a fresh observation is awaited
  kMet,
  kGaveUp,  // the outcome stayed unknown too often
};

// `fresh` is when the goal's state was last read and `seen` whether it showed the goal.
Goal JudgeGoal(const Operation& operation, const std::string& purpose, absl::Time fresh, bool seen);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_GOAL_H_
