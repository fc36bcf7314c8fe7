// What systemd says of one unit, right now.
#ifndef JETTYFLEET_AGENT_ARCHIVE_UNIT_STATE_H_
#define JETTYFLEET_AGENT_ARCHIVE_UNIT_STATE_H_

#include <string>

#include "absl/status/statusor.h"

namespace jettyfleet {

// ActiveState of `unit` (without ".service"), such as "active" or "inactive". Blocks for as long as systemd takes to
// answer, a second at most. Unavailable: it did not. NotFound: systemd has no such unit.
absl::StatusOr<std::string> ReadUnitState(const std::string& unit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ARCHIVE_UNIT_STATE_H_
