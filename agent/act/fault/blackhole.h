// A port of this host whose packets are dropped.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_BLACKHOLE_H_
#define JETTYFLEET_AGENT_ACT_FAULT_BLACKHOLE_H_

#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. Every listener on the port must be the unit's: no other service is cut off by a wrong number.
// Order: nft, the unit and its port, the gate, record, timer, act.
Task<v1::ActionResult> BlackholePort(FaultHands& hands, v1::BlackholePort act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_BLACKHOLE_H_
