// One question to systemd, answered or given up: for a program without an event loop.
#ifndef JETTYFLEET_AGENT_INSPECT_UNIT_SYSTEM_BUS_H_
#define JETTYFLEET_AGENT_INSPECT_UNIT_SYSTEM_BUS_H_

#include <systemd/sd-bus.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace jettyfleet {

// As sd_bus_open_system: a new connection that the caller owns, or a negative errno.
using OpenBus = std::function<int(sd_bus**)>;

inline constexpr absl::Duration kSystemdTimeout = absl::Seconds(2);

// A connection of its own. Used by one thread.
class SystemBus {
 public:
  // An answer that has not come within `timeout` counts as none.
  explicit SystemBus(const OpenBus& open = sd_bus_open_system, absl::Duration timeout = kSystemdTimeout);
  ~SystemBus();
  SystemBus(const SystemBus&) = delete;
  SystemBus& operator=(const SystemBus&) = delete;

  // Makes a call with `fill`, which appends the arguments, and hands its answer to `read`. Both return a negative errno
  // where they cannot. `path` is an object's. Unavailable: no bus, or systemd's own error. DeadlineExceeded: no answer
  // in time. Messages are one line.
  absl::Status Call(const std::string& path, const char* interface, const char* member,
                    const std::function<int(sd_bus_message*)>& fill, const std::function<int(sd_bus_message*)>& read);

 private:
  absl::Status Ready();
  absl::Status Problem(int error) const;

  const absl::Duration timeout_;
  sd_bus* bus_ = nullptr;
  int opened_;
};

// The object of a unit (with its suffix).
std::string UnitObjectPath(const std::string& unit);

inline constexpr char kSystemdManagerPath[] = "/org/freedesktop/systemd1";
inline constexpr char kSystemdManager[] = "org.freedesktop.systemd1.Manager";

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_UNIT_SYSTEM_BUS_H_
