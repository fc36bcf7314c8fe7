// What systemd says of one unit, right now.
#ifndef JETTYFLEET_AGENT_ARCHIVE_UNIT_STATE_H_
#define JETTYFLEET_AGENT_ARCHIVE_UNIT_STATE_H_

#include <systemd/sd-bus.h>

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace jettyfleet {

// ActiveState of `unit` (without ".service"), such as "active" or "inactive". Blocks for as long as systemd takes to
// answer, two seconds at most. Unavailable: it did not. NotFound: systemd has no such unit. `open` connects to the bus.
absl::StatusOr<std::string> ReadUnitState(const std::string& unit,
                                          const std::function<int(sd_bus**)>& open = sd_bus_open_system);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ARCHIVE_UNIT_STATE_H_
