#include "agent/inspect/host/boot_units.h"

#include <string>

namespace jettyfleet {
namespace {

constexpr char kProperties[] = "org.freedesktop.DBus.Properties";
constexpr char kUnitInterface[] = "org.freedesktop.systemd1.Unit";
constexpr const char* kUnits[] = {"corosync.service", "pacemaker.service", "pcsd.service"};

}  // namespace

absl::StatusOr<std::vector<v1::EnabledFact>> AskBootUnits(const OpenBus& open) {
  SystemBus bus(open);
  std::vector<v1::EnabledFact> facts;
  for (const char* const unit : kUnits) {
    std::string state;
    const absl::Status status = bus.Call(
        UnitObjectPath(unit), kProperties, "Get",
        [](sd_bus_message* call) { return sd_bus_message_append(call, "ss", kUnitInterface, "UnitFileState"); },
        [&state](sd_bus_message* answer) {
          const char* text = nullptr;
          const int read = sd_bus_message_read(answer, "v", "s", &text);
          if (read >= 0) state = text;
          return read;
        });
    if (!status.ok()) return status;
    if (state.empty()) continue;
    v1::EnabledFact fact;
    fact.set_unit(unit);
    fact.set_unit_file_state(state);
    facts.push_back(fact);
  }
  return facts;
}

}  // namespace jettyfleet
