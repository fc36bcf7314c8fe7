#include "agent/archive/unit_state.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kLongestAnswer = absl::Seconds(1);

struct CloseBus {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

absl::StatusOr<std::string> Property(sd_bus* bus, const char* path, const char* name) {
  char* text = nullptr;
  const int got = sd_bus_get_property_string(bus, "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Unit",
                                             name, nullptr, &text);
  const std::unique_ptr<char, FreeText> owned(text);
  if (got < 0) return absl::UnavailableError(absl::StrCat("systemd does not answer: ", std::strerror(-got)));
  return std::string(text);
}

}  // namespace

absl::StatusOr<std::string> ReadUnitState(const std::string& unit, const std::function<int(sd_bus**)>& open) {
  sd_bus* opened = nullptr;
  const int connected = open(&opened);
  const std::unique_ptr<sd_bus, CloseBus> bus(opened);
  if (connected < 0) return absl::UnavailableError(absl::StrCat("cannot ask systemd: ", std::strerror(-connected)));
  sd_bus_set_method_call_timeout(bus.get(), static_cast<uint64_t>(absl::ToInt64Microseconds(kLongestAnswer)));
  char* made = nullptr;
  const int encoded =
      sd_bus_path_encode("/org/freedesktop/systemd1/unit", absl::StrCat(unit, ".service").c_str(), &made);
  const std::unique_ptr<char, FreeText> path(made);
  if (encoded < 0) return absl::UnavailableError(absl::StrCat("cannot ask systemd: ", std::strerror(-encoded)));
  // Asking for a unit by its path makes systemd load it.
  const absl::StatusOr<std::string> loaded = Property(bus.get(), path.get(), "LoadState");
  if (!loaded.ok()) return loaded.status();
  if (*loaded == "not-found") return absl::NotFoundError(absl::StrCat("systemd has no unit ", unit, ".service"));
  return Property(bus.get(), path.get(), "ActiveState");
}

}  // namespace jettyfleet
