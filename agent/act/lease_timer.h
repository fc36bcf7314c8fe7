// The end of a lease that nothing but this host can end: a transient systemd timer that runs `jettyfleet-agent undo`.
#ifndef JETTYFLEET_AGENT_ACT_LEASE_TIMER_H_
#define JETTYFLEET_AGENT_ACT_LEASE_TIMER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

// Every such unit begins with this, and nothing else of ours does.
inline constexpr absl::string_view kTimerPrefix = "jettyfleet-undo-";

// Without ".timer": one name for each lease and end, so that a renewed lease has its new timer before it loses the old
// one.
std::string TimerUnit(absl::string_view lease_id, absl::Time end);

// The program that a timer runs: this one as it lies on the disk, and its settings, so that the one-shot finds the same
// state and socket. Empty `self_path`: what is running.
std::vector<std::string> UndoCommand(const std::string& self_path, const std::string& node,
                                     const std::string& state_dir, const std::string& haproxy_socket,
                                     const std::string& lease_id);

// Fires at `end` by the wall clock or `delay` from now, whichever comes first (at most 100 ms late), and then runs
// `undo` until it has worked, every 2 s. The program's end as an error where systemd did not take the timer.
Task<absl::Status> ArmTimer(Tools& tools, std::string unit, absl::Time end, absl::Duration delay,
                            std::vector<std::string> undo);

// Best effort: a timer that is left finds nothing to undo.
Task<absl::Status> DisarmTimer(Tools& tools, std::string unit);
Task<absl::Status> DisarmAllTimers(Tools& tools);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LEASE_TIMER_H_
