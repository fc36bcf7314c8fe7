// The ends of leases that systemd still has loaded on this host.
#ifndef JETTYFLEET_AGENT_ACT_AUDIT_LEASE_UNITS_H_
#define JETTYFLEET_AGENT_ACT_AUDIT_LEASE_UNITS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

// Timers and services of lease_timer.h, in systemd's order. Unavailable: systemd could not be asked, or its answer
// makes no sense.
Task<absl::StatusOr<std::vector<std::string>>> LoadedLeaseUnits(Tools& tools);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_AUDIT_LEASE_UNITS_H_
