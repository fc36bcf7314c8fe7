// The end of a marker that outlives the agent: a transient systemd timer that sweeps.
#ifndef JETTYFLEET_AGENT_INSPECT_MARKER_SWEEP_TIMER_H_
#define JETTYFLEET_AGENT_INSPECT_MARKER_SWEEP_TIMER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/inspect/unit/system_bus.h"

namespace jettyfleet {

// The marker's name and ".timer".
std::string SweepTimerUnit(const std::string& marker);

// Runs `command` (argv, an absolute program) at `ends_at` by the wall clock or `life` from now, whichever comes first:
// the one survives a reload of systemd, the other a clock that is set back. Not OK: there is no timer.
absl::Status ArmSweepTimer(const OpenBus& open, const std::string& marker, absl::Time ends_at, absl::Duration life,
                           const std::vector<std::string>& command);

// Best effort: a timer that is left finds nothing to sweep.
absl::Status DisarmSweepTimer(const OpenBus& open, const std::string& marker);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_MARKER_SWEEP_TIMER_H_
