// Checks of the fields of faults, which come from outside.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FAULT_FIELDS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FAULT_FIELDS_H_

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {

// Whether it breaks something: not UndoFault, and not what only looks.
bool IsFault(const v1::Action& action);

// Empty: every field that is special to faults is allowed, not_after among them. Lease ids, names and units are
// checked where those of other actions are.
std::string FaultFieldProblem(const v1::Action& action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FAULT_FIELDS_H_
