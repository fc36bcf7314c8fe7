// A node that is cut off from its peers, and only from them.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_PARTITION_H_
#define JETTYFLEET_AGENT_ACT_FAULT_PARTITION_H_

#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. Refused where a peer's address is this host's own or the coordinator's, or where it is not known
// which the coordinator's is. Order: nft, the addresses, the gate (with fencing), record, timer, act.
Task<v1::ActionResult> PartitionNode(FaultHands& hands, v1::PartitionNode act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_PARTITION_H_
