// The faults of a drill: which actions they are, what their fields may be, and who carries them out.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FAULTS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FAULTS_H_

#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// `action`: one that breaks something (fault_fields.h), with fields that are checked.
Task<v1::ActionResult> CarryFault(FaultHands& hands, v1::Action action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FAULTS_H_
