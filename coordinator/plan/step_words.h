// A step as the command that it stands for, so that an operator can read it, or do it by hand. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_STEP_WORDS_H_
#define JETTYFLEET_COORDINATOR_PLAN_STEP_WORDS_H_

#include <string>

#include "proto/action.pb.h"

namespace jettyfleet {

// "pcs resource clone jetty meta clone-max=3". Empty for actions that a plan does not hold. For reading only: agents
// build what they run from the action's own fields.
std::string CommandOf(const v1::Action& action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_STEP_WORDS_H_
