#include "coordinator/backup/unit_state.h"

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

struct Unref {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
struct Free {
  void operator()(char* text) const { free(text); }
};

absl::Status CannotTell(const std::string& unit, int error) {
  return absl::UnavailableError(absl::StrCat("whether ", unit, " runs cannot be told: systemd: ", std::strerror(-error),
                                             ": run this as root on the coordinator's host"));
}

}  // namespace

absl::Status JudgeUnitState(const std::string& unit, const std::string& active_state) {
  if (active_state == "inactive" || active_state == "failed") return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(unit, " is ", active_state, ": stop it first (systemctl stop ", unit, ")"));
}

absl::Status CheckUnitStopped(const std::string& unit) {
  if (sd_booted() == 0) return absl::OkStatus();
  sd_bus* opened = nullptr;
  if (const int error = sd_bus_open_system(&opened); error < 0) return CannotTell(unit, error);
  const std::unique_ptr<sd_bus, Unref> bus(opened);
  char* encoded = nullptr;
  if (const int error = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &encoded); error < 0) {
    return CannotTell(unit, error);
  }
  const std::unique_ptr<char, Free> path(encoded);
  char* read = nullptr;
  // systemd loads a unit that it did not know yet when it is asked.
  const int error = sd_bus_get_property_string(opened, "org.freedesktop.systemd1", encoded,
                                               "org.freedesktop.systemd1.Unit", "ActiveState", nullptr, &read);
  if (error < 0) return CannotTell(unit, error);
  const std::unique_ptr<char, Free> state(read);
  return JudgeUnitState(unit, read);
}

}  // namespace jettyfleet
