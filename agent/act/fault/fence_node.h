// A node that the cluster reboots by its fence device.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FENCE_NODE_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FENCE_NODE_H_

#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. `stonith_admin --reboot`, which is all that `pcs stonith fence` runs, and which blocks until the
// fencing has succeeded or failed. REFUSED for this host itself: its agent would not live to tell.
Task<v1::ActionResult> FenceNode(FaultHands& hands, v1::FenceNode act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FENCE_NODE_H_
