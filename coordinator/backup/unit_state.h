// Whether systemd runs a unit.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_UNIT_STATE_H_
#define JETTYFLEET_COORDINATOR_BACKUP_UNIT_STATE_H_

#include <string>

#include "absl/status/status.h"

namespace jettyfleet {

// OK: it does not run, or this host has no systemd, so that it cannot. FailedPrecondition: it runs, starts, stops, or
// waits to be started again. Unavailable: systemd cannot be asked. One line with what to do.
absl::Status CheckUnitStopped(const std::string& unit);

// The same of what systemd calls ActiveState. Pure.
absl::Status JudgeUnitState(const std::string& unit, const std::string& active_state);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_UNIT_STATE_H_
