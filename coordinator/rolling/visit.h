// The steps of one node's visit. Each function looks at what is recorded and observed and writes the next record,
// action, question or wake-up on the desk. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_VISIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_VISIT_H_

#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// GATE to LEAVE: out of rotation and out of the cluster's hands.
void TakeOut(const NodeVisit& visit, Desk* desk);

// RESTORE to DONE: back in service, each milestone noted when it is seen, then audited.
void GiveBack(const NodeVisit& visit, Desk* desk);

// The same for an operation that is stopped: everything of ours is undone first, the node's return is waited for only
// as long as a step may take, and the visit ends with its problem named.
void Restore(const NodeVisit& visit, Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_VISIT_H_
