#include "agent/inspect/marker/sweep_timer.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kAccuracy = absl::Seconds(1);
// A sweep that hangs is killed; the agent's own sweeps go on trying.
constexpr absl::Duration kLongestSweep = absl::Seconds(30);

uint64_t Microseconds(absl::Duration duration) { return static_cast<uint64_t>(absl::ToInt64Microseconds(duration)); }

std::string Description(const std::string& marker) { return absl::StrCat("jettyfleet: end of ", marker); }

int AppendTimer(sd_bus_message* call, const std::string& marker, absl::Time ends_at, absl::Duration life) {
  const std::string calendar = absl::FormatTime("%Y-%m-%d %H:%M:%E3S UTC", ends_at, absl::UTCTimeZone());
  return sd_bus_message_append(call, "a(sv)", 5, "Description", "s", Description(marker).c_str(), "TimersMonotonic",
                               "a(st)", 1, "OnActiveSec", Microseconds(life), "TimersCalendar", "a(ss)", 1,
                               "OnCalendar", calendar.c_str(), "AccuracyUSec", "t", Microseconds(kAccuracy),
                               "RemainAfterElapse", "b", 0);
}

int AppendCommand(sd_bus_message* call, const std::vector<std::string>& command) {
  int result = sd_bus_message_open_container(call, 'r', "sv");
  if (result >= 0) result = sd_bus_message_append(call, "s", "ExecStart");
  if (result >= 0) result = sd_bus_message_open_container(call, 'v', "a(sasb)");
  if (result >= 0) result = sd_bus_message_open_container(call, 'a', "(sasb)");
  if (result >= 0) result = sd_bus_message_open_container(call, 'r', "sasb");
  if (result >= 0) result = sd_bus_message_append(call, "s", command.front().c_str());
  if (result >= 0) result = sd_bus_message_open_container(call, 'a', "s");
  for (const std::string& argument : command) {
    if (result >= 0) result = sd_bus_message_append(call, "s", argument.c_str());
  }
  if (result >= 0) result = sd_bus_message_close_container(call);
  if (result >= 0) result = sd_bus_message_append(call, "b", 0);
  for (int open = 0; open < 4; ++open) {
    if (result >= 0) result = sd_bus_message_close_container(call);
  }
  return result;
}

// The service that the timer starts: an auxiliary unit of the same job.
int AppendService(sd_bus_message* call, const std::string& marker, const std::vector<std::string>& command) {
  int result = sd_bus_message_open_container(call, 'a', "(sa(sv))");
  if (result >= 0) result = sd_bus_message_open_container(call, 'r', "sa(sv)");
  if (result >= 0) result = sd_bus_message_append(call, "s", absl::StrCat(marker, ".service").c_str());
  if (result >= 0) result = sd_bus_message_open_container(call, 'a', "(sv)");
  if (result >= 0) {
    result = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)", "Description", "s", Description(marker).c_str(), "Type",
                                   "s", "oneshot", "CollectMode", "s", "inactive-or-failed", "TimeoutStartUSec", "t",
                                   Microseconds(kLongestSweep));
  }
  if (result >= 0) result = AppendCommand(call, command);
  for (int open = 0; open < 3; ++open) {
    if (result >= 0) result = sd_bus_message_close_container(call);
  }
  return result;
}

int SkipAnswer(sd_bus_message*) { return 0; }

}  // namespace

std::string SweepTimerUnit(const std::string& marker) { return absl::StrCat(marker, ".timer"); }

absl::Status ArmSweepTimer(const OpenBus& open, const std::string& marker, absl::Time ends_at, absl::Duration life,
                           const std::vector<std::string>& command) {
  if (command.empty()) return absl::InvalidArgumentError("a timer needs a command to run");
  SystemBus bus(open);
  return bus.Call(
      kSystemdManagerPath, kSystemdManager, "StartTransientUnit",
      [&](sd_bus_message* call) {
        int result = sd_bus_message_append(call, "ss", SweepTimerUnit(marker).c_str(), "fail");
        if (result >= 0) result = AppendTimer(call, marker, ends_at, life);
        return result < 0 ? result : AppendService(call, marker, command);
      },
      SkipAnswer);
}

absl::Status DisarmSweepTimer(const OpenBus& open, const std::string& marker) {
  SystemBus bus(open);
  return bus.Call(
      kSystemdManagerPath, kSystemdManager, "StopUnit",
      // The timer only: its service may be what is running this.
      [&](sd_bus_message* call) {
        return sd_bus_message_append(call, "ss", SweepTimerUnit(marker).c_str(), "replace");
      },
      SkipAnswer);
}

}  // namespace jettyfleet
