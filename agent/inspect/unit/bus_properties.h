// systemd's properties of a unit, from a D-Bus message into plain values. No I/O.
#ifndef JETTYFLEET_AGENT_INSPECT_UNIT_BUS_PROPERTIES_H_
#define JETTYFLEET_AGENT_INSPECT_UNIT_BUS_PROPERTIES_H_

#include <systemd/sd-bus.h>

#include <map>
#include <string>
#include <vector>

namespace jettyfleet {

struct UnitCommand {
  std::vector<std::string> argv;
  bool may_fail = false;
};

struct BusProperties {
  // By systemd's name. A text as it is, a number in decimal ("infinity" for the largest of 64 bits, which is what it
  // means to systemd), truth as "yes" or "no"; a list has an item for each. EnvironmentFiles have "-" ahead of a path
  // that may be missing, as in a unit file.
  std::map<std::string, std::vector<std::string>> values;
  // ExecStart and the like.
  std::map<std::string, std::vector<UnitCommand>> commands;

  // The first item; empty where there is none.
  std::string One(const std::string& name) const;
  // Empty where there is none.
  const std::vector<std::string>& All(const std::string& name) const;
};

// Reads an a{sv} (GetAll's answer) at the message's read position. Properties of other types are skipped. Negative
// errno: malformed.
int ReadBusProperties(sd_bus_message* message, BusProperties* properties);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_UNIT_BUS_PROPERTIES_H_
