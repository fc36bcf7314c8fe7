// What `jettyfleet restore CLUSTER` undoes: everything of ours that a view shows in force, whoever left it. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_RESTORE_H_
#define JETTYFLEET_COORDINATOR_ROLLING_RESTORE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/rolling/decision.h"

namespace jettyfleet {

struct RestoreStep {
  std::string what;  // "rule jettyfleet-... that keeps node-01 empty"
  // Empty `host`: it cannot be undone now; `problem` says why.
  SendAction action;
  std::string problem;
};

// For a cluster on which no operation runs. `request_id` makes the action ids unique ("restore/REQUEST/N"). Load
// balancers come first; they need no quorum. The lock is released when it is this coordinator's or has ended; another's
// only for `take_over`.
std::vector<RestoreStep> PlanRestore(const ClusterView& view, const std::string& request_id, bool take_over,
                                     absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_RESTORE_H_
