// The pcs command of each action that changes the cluster's configuration. Pure.
#ifndef JETTYFLEET_AGENT_ACT_CIB_COMMAND_H_
#define JETTYFLEET_AGENT_ACT_CIB_COMMAND_H_

#include <string>
#include <vector>

#include "proto/action.pb.h"

namespace jettyfleet {

// argv, for the live cluster or, where `file` is not empty, for a CIB in a file: what is predicted is what is done.
// Fields are checked. Empty for an action that is no configuration (it has no pcs command, or one that only a live
// cluster understands, such as cleanup with a file).
std::vector<std::string> PcsCommand(const v1::Action& action, const std::string& file = "");

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_COMMAND_H_
