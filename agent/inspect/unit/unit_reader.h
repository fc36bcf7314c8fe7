// Reads a unit's state from systemd.
#ifndef JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_READER_H_
#define JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_READER_H_

#include <string>

#include "agent/inspect/unit/system_bus.h"
#include "agent/inspect/unit/unit_state.h"

namespace jettyfleet {

// Asks systemd on the system bus, which answers within 2 s or counts as unknown, and reads the files that it names (up
// to 1 MiB each). `unit`: with or without ".service". Blocks. Any thread.
UnitState ReadUnit(const std::string& unit);

// The same on a bus of the caller's choice.
UnitState ReadUnitOn(const OpenBus& open, const std::string& unit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_READER_H_
