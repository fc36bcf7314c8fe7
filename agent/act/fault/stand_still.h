// Making the processes of a control group stand still, and letting them run again.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_STAND_STILL_H_
#define JETTYFLEET_AGENT_ACT_FAULT_STAND_STILL_H_

#include "absl/status/status.h"
#include "agent/act/fault/control_group.h"

namespace jettyfleet {

// `by_signal`: SIGSTOP to each, where the kernel cannot freeze the group; otherwise cgroup.freeze, and the kernel's
// word for it (blocks for half a second at most). Not OK: some may stand still and some not.
absl::Status StandStill(const ControlGroup& group, bool by_signal);

// By the same means. OK too where they run, or where there is no such group any more.
absl::Status LetRun(const ControlGroup& group, bool by_signal);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_STAND_STILL_H_
