// A unit's properties as facts that can be held against those of another node. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_SETTINGS_H_
#define JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_SETTINGS_H_

#include <string>

#include "agent/inspect/unit/bus_properties.h"
#include "agent/inspect/unit/unit_state.h"

namespace jettyfleet {

// Fills in all but `unit`, the digests of `facts` (their paths are set), and environment files. Secrets among
// the settings are masked: in Environment by their names, in commands as far as an argument NAME=VALUE tells.
void SetFromProperties(const BusProperties& properties, UnitState* state);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_UNIT_UNIT_SETTINGS_H_
