// The pcs command of each action that changes the cluster's configuration. Pure.
//
// `pcs resource update RESOURCE op NAME ...` forgets what it is not told: it removes the operation, then adds one of
// what is on its command line, with an interval of 60 s if that names none [measured on 0.11.5 and 0.12.0]. So what is
// to stay is said again, as it stands in the CIB.
#ifndef JETTYFLEET_AGENT_ACT_CIB_COMMAND_H_
#define JETTYFLEET_AGENT_ACT_CIB_COMMAND_H_

#include <string>
#include <vector>

#include "agent/act/cib_document.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// argv, for the live cluster or, where `file` is not empty, for a CIB in a file: what is predicted is what is done.
// `cib` is what the command is to change, and ChangeFor says that it can. Fields are checked. Empty for an action that
// is no configuration (it has no pcs command, or one that only a live cluster understands, such as cleanup with a
// file).
std::vector<std::string> PcsCommand(const v1::Action& action, const CibDocument& cib, const std::string& file = "");

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_COMMAND_H_
