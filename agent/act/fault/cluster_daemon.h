// The daemons of the cluster on this host: a closed list, each found by what it runs and where it belongs.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_CLUSTER_DAEMON_H_
#define JETTYFLEET_AGENT_ACT_FAULT_CLUSTER_DAEMON_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/fault/fault_hands.h"
#include "agent/act/fault/host_paths.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// "pacemaker-based", ..., "corosync". Empty: it is none of them.
std::string DaemonName(v1::KillDaemon::Daemon daemon);

// Whether the process runs just that program: its executable by its whole path, as the kernel has it.
bool RunsDaemon(const HostPaths& paths, pid_t process, const std::string& name);

// The one process of the service's control group that runs it. NotFound: there is none; FailedPrecondition: more than
// one.
absl::StatusOr<pid_t> FindDaemon(const HostPaths& paths, const ControlGroup& service, const std::string& name);

// Fields are checked. SIGKILL. Order: the daemon, the gate (with fencing), the note that it was begun, the act. DONE:
// it was sent.
Task<v1::ActionResult> KillDaemon(FaultHands& hands, v1::KillDaemon act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_CLUSTER_DAEMON_H_
