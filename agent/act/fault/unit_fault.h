// A unit that is stopped or killed behind the cluster's back; the cluster ends that.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_UNIT_FAULT_H_
#define JETTYFLEET_AGENT_ACT_FAULT_UNIT_FAULT_H_

#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. Order: the unit, the gate, the note that it was begun, the act.

// DONE: systemd has taken the job.
Task<v1::ActionResult> StopUnit(FaultHands& hands, v1::StopUnit act);

// DONE: the main process was sent SIGKILL; it is one of the unit's control group, and was held on to by a pidfd.
Task<v1::ActionResult> KillUnit(FaultHands& hands, v1::KillUnit act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_UNIT_FAULT_H_
