// Whose is a listening socket?
#ifndef JETTYFLEET_AGENT_OBSERVE_SOCKET_OWNER_H_
#define JETTYFLEET_AGENT_OBSERVE_SOCKET_OWNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "agent/observe/listeners.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Where the kernel shows its control groups: a unified hierarchy alone, or beside systemd's own in a hybrid set-up.
struct ControlGroupRoots {
  std::vector<std::string> unified = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
  std::vector<std::string> with_processes = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"};
};

// Whether the socket belongs to a unit with this control group ("/system.slice/jetty9.service") or a group below it. By
// the kernel's word for the socket's control group where it names such a group's directory; otherwise by walking the
// groups' processes' descriptors, bounded. Unknown when the group is not there or its processes could not be looked at.
v1::Answer OwnedByControlGroup(const Listener& listener, const std::string& control_group,
                               const ControlGroupRoots& roots = {});

// "PID COMMAND" of a process that holds the socket; empty when none was found among the first few thousand. Walks every
// process: for what is asked seldom.
std::string DescribeHolder(uint32_t socket_inode);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_SOCKET_OWNER_H_
