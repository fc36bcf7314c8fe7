// The last questions before something is broken on purpose.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FAULT_GATE_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FAULT_GATE_H_

#include <string>

#include "agent/act/cib.h"
#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// What this fault asks of the cluster; fields are checked.
struct FaultGate {
  std::string operation_id;
  bool also_in_transition = false;
  std::string unit;    // not empty: it must be one that the cluster manages
  std::string fenced;  // not empty: a node that may be fenced, and has to come back from that
  bool fenced_is_this_host = false;
};

// For a fault that the cluster ends or that undoes itself; `unit` may be empty.
FaultGate GateOf(const FaultHands& hands, const std::string& unit);
// For one that may get this host fenced.
FaultGate GateWithFencingHere(const FaultHands& hands);

// DONE with no message: it may be. REFUSED, and why, with in_transition where the cluster is not at rest: another
// operation holds the lock, maintenance mode, no such unit, fencing that would not bring the node back, no quorum.
// Quorum and rest are asked last, right before the act.
Task<v1::ActionResult> PassFaultGate(Cib& cib, FaultGate gate);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FAULT_GATE_H_
