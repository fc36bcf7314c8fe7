// Counts the agent's starts on this host, durably.
#ifndef JETTYFLEET_AGENT_RESTART_SEQUENCE_H_
#define JETTYFLEET_AGENT_RESTART_SEQUENCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace jettyfleet {

// Adds one to the number in DIR/restart-sequence and returns it. A missing file counts as 0; an unreadable one is an
// error that names it.
absl::StatusOr<uint64_t> NextRestartSequence(const std::string& dir);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_RESTART_SEQUENCE_H_
