// Where the kernel shows this host's processes and control groups; tests have directories of their own.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_HOST_PATHS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_HOST_PATHS_H_

#include <string>

#include "agent/observe/socket_owner.h"

namespace jettyfleet {

struct HostPaths {
  ControlGroupRoots groups;
  std::string proc = "/proc";
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_HOST_PATHS_H_
