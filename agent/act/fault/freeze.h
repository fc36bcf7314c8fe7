// A unit whose processes all stand still: active, bound, deaf.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FREEZE_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FREEZE_H_

#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. Order: the unit, the gate, record, timer, act. A freeze that fails half-way is taken back at
// once.
Task<v1::ActionResult> FreezeUnit(FaultHands& hands, v1::FreezeUnit act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FREEZE_H_
