// The part of a visit that breaks a serving node without warning, and what is told of it afterwards. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_FAULT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_FAULT_H_

#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// By what is reported of the node's unit: its instance is gone, or another one has been started since the fault.
bool InstanceHasEnded(const NodeVisit& visit, const Desk& desk);

// ACT, once the gate is open: sends the fault to the node's own agent, or a fencing to another's, at most until it is
// seen to have had its effect. True when it has to be sent now; `Break` sends it. Enters LEAVE when it is in force.
bool HasToBreak(const NodeVisit& visit, Desk* desk);
void Break(const NodeVisit& visit, Desk* desk);

// LEAVE: waits until the node is seen broken, the others serve, and, where a fault stays in force, until the load
// balancers have noticed; then enters RESTORE.
void SeeItBroken(const NodeVisit& visit, Desk* desk);

// After its instance is back: cleans up the failures that our own fault has caused, and no others. True when there are
// none (any more).
bool CleanUpAfterFault(const NodeVisit& visit, Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_FAULT_H_
