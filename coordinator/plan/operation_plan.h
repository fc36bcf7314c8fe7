// The operations of a resource (monitor, start, stop): their intervals, timeouts and on-fail. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_OPERATION_PLAN_H_
#define JETTYFLEET_COORDINATOR_PLAN_OPERATION_PLAN_H_

#include "coordinator/plan/plan.h"
#include "proto/description.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Appends a step for each operation that differs. False: `plan` refuses, because there is more than one monitor and it
// is not ours to say which one counts.
bool PlanOperations(const v1::ResourceDescription& wanted, const v1::PrimitiveFact& found, Plan* plan);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_OPERATION_PLAN_H_
