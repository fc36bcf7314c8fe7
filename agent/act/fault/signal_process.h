// Signals to processes that are named by a number, and may be another by the time that it is used.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_SIGNAL_PROCESS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_SIGNAL_PROCESS_H_

#include <sys/types.h>

#include <functional>

#include "absl/status/status.h"
#include "agent/act/fault/control_group.h"

namespace jettyfleet {

// Holds on to the process first (pidfd), then asks `still_meant` whether it is the one that is meant, and only then
// signals it. NotFound: it is gone, or is another one. PermissionDenied and others: the kernel said no.
absl::Status SignalProcess(pid_t process, int signal, const std::function<bool()>& still_meant);

// To every process of the group, those too that come into being meanwhile (bounded). OK where there is none left.
// FailedPrecondition: this very process is one of them, and none was signalled.
absl::Status SignalGroup(const ControlGroup& group, int signal);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_SIGNAL_PROCESS_H_
