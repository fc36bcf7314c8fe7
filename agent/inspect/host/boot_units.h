// What of the cluster systemd starts at boot.
#ifndef JETTYFLEET_AGENT_INSPECT_HOST_BOOT_UNITS_H_
#define JETTYFLEET_AGENT_INSPECT_HOST_BOOT_UNITS_H_

#include <systemd/sd-bus.h>

#include <vector>

#include "absl/status/statusor.h"
#include "agent/inspect/unit/system_bus.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// pacemaker, corosync and pcsd with their unit file's state; one that has no unit file on this host is left out.
// Blocks; fails as SystemBus does, as a whole.
absl::StatusOr<std::vector<v1::EnabledFact>> AskBootUnits(const OpenBus& open = sd_bus_open_system);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_HOST_BOOT_UNITS_H_
