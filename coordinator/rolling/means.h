// What a node's host offers for a fault, asked of its agent before anything is broken. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_MEANS_H_
#define JETTYFLEET_COORDINATOR_ROLLING_MEANS_H_

#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// nullptr while the node's agent has not told.
const v1::FaultMeans* MeansOf(const NodeVisit& visit, const Operation& operation);

// True when the host has all that the scenario needs: a packet filter where packets are dropped; fencing that reboots
// and reaches the node, daemons that start at boot and, for a partition, the peers' addresses where it may be fenced.
// Asks first; stops the operation where something is missing or cannot be found out.
bool HasMeans(const NodeVisit& visit, Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_MEANS_H_
