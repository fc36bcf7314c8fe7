// What a host can offer for faults, judged as the acts themselves would; changes nothing.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_MEANS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_MEANS_H_

#include <string>

#include "agent/act/fault/host_paths.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Always DONE: what could not be found out says so in its own place. `node`: this host's name. Fields are checked.
Task<v1::ActionResult> LookAtFaultMeans(Tools& tools, HostPaths paths, std::string node, v1::LookAtFaultMeans act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_MEANS_H_
