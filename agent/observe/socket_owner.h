// Whose is a listening socket?
#ifndef JETTYFLEET_AGENT_OBSERVE_SOCKET_OWNER_H_
#define JETTYFLEET_AGENT_OBSERVE_SOCKET_OWNER_H_

#include <string>

#include "agent/observe/listeners.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Whether the socket belongs to the unit with this control group ("/system.slice/jetty9.service"; empty: a unit that
// does not run, which owns nothing). By the kernel's word for the socket's control group where it names the group's
// directory; otherwise by walking the group's processes' descriptors, bounded. Unknown when neither could be read.
v1::Answer OwnedByControlGroup(const Listener& listener, const std::string& control_group);

// "PID COMMAND" of a process that holds the socket; empty when none was found among the first few thousand.
std::string DescribeHolder(uint32_t socket_inode);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_SOCKET_OWNER_H_
