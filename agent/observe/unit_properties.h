// systemd's properties of a unit, from a D-Bus message into a UnitFact. No I/O.
#ifndef JETTYFLEET_AGENT_OBSERVE_UNIT_PROPERTIES_H_
#define JETTYFLEET_AGENT_OBSERVE_UNIT_PROPERTIES_H_

#include <systemd/sd-bus.h>

#include <string>

#include "proto/observation.pb.h"

namespace jettyfleet {

// Reads an a{sv} of unit or service properties (GetAll's answer, or the changed ones of PropertiesChanged) at the
// message's read position. Properties that a UnitFact has no place for are skipped. Negative errno: malformed.
int ReadUnitProperties(sd_bus_message* message, v1::UnitFact* fact);

// "jetty9.service", "jetty@blue.service": what is watched without being told. Not a bare template ("jetty@.service").
bool IsJettyUnit(const std::string& name);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_UNIT_PROPERTIES_H_
