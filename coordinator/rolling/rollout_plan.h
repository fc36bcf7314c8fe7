// The order in which a rollout would visit nodes, as far as it is known beforehand. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_PLAN_H_
#define JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_PLAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/fleet/view.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// `spec` is filled in and checked. FailedPrecondition, in one line: nobody knows who holds instances, or the rollout
// would be stopped when it is planned. From what was seen last; the rollout looks anew.
absl::StatusOr<std::vector<v1::PlannedVisit>> PlanVisits(const v1::DrillSpec& spec, const ClusterView& view);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_PLAN_H_
