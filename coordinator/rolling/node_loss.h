// A visit whose node may leave the cluster: what is seen of that, by the nodes that stay. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_NODE_LOSS_H_
#define JETTYFLEET_COORDINATOR_ROLLING_NODE_LOSS_H_

#include "absl/time/time.h"
#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// The DC, which is another node, has seen at `since` or later that the node is offline, and clean: fenced, or gone in
// good order.
bool NodeIsGone(const NodeVisit& visit, const ClusterView& view, absl::Time since);

// The cluster has it again as a whole member, read at `since` or later. Where its instance stays on a spare, nothing
// else tells that it has booted.
bool NodeIsBack(const NodeVisit& visit, const ClusterView& view, absl::Time since);

// LEAVE: waits until the node is gone, or, after a daemon's death, has recovered in place, and the others serve; then
// enters RESTORE. Notes when the cluster noticed and when another node was the DC.
void SeeNodeLeave(const NodeVisit& visit, Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_NODE_LOSS_H_
