#include "agent/act/lease_timer.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/act/fields.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

std::string ProgramPath(const std::string& self_path) {
  std::error_code error;
  const std::filesystem::path asked = self_path.empty() ? "/proc/self/exe" : self_path;
  // Whoever runs the timer's command is another "self".
  const std::filesystem::path resolved = std::filesystem::read_symlink(asked, error);
  if (error) return asked.string();
  // An upgrade has put a new program where this one was.
  return std::string(absl::StripSuffix(resolved.string(), " (deleted)"));
}

std::vector<std::string> SystemdRunCommand(const std::string& unit, absl::Time end, absl::Duration delay,
                                           const std::vector<std::string>& undo) {
  std::vector<std::string> argv = {
      "systemd-run",
      "--quiet",
      "--collect",
      absl::StrCat("--unit=", unit),
      absl::StrCat("--description=jettyfleet: end of lease ", undo.back()),
      absl::StrCat("--on-active=", absl::ToInt64Milliseconds(absl::Ceil(delay, absl::Milliseconds(1))), "ms"),
      // Whichever comes first. `systemctl daemon-reload` starts the count of --on-active anew (seen on systemd 252: a
      // lease of 40 s ended 40 s after the reload); a time of day survives it. The count alone is right when the clock
      // is set back.
      absl::StrCat("--on-calendar=", absl::FormatTime("%Y-%m-%d %H:%M:%E3S UTC", end, absl::UTCTimeZone())),
      // Otherwise up to a minute late.
      "--timer-property=AccuracySec=100ms",
      // Until it has worked: a HAProxy that is down when the lease ends comes back with its state file's drain.
      "--property=Restart=on-failure",
      "--property=RestartSec=2s",
      "--property=StartLimitIntervalSec=0",
      // A one-shot that hangs is killed, which counts as a failure.
      "--property=RuntimeMaxSec=90s",
  };
  argv.insert(argv.end(), undo.begin(), undo.end());
  return argv;
}

std::vector<std::string> StopCommand(std::string timers) { return {"systemctl", "stop", std::move(timers)}; }

absl::Status StatusOf(absl::string_view what, const CommandResult& result) {
  if (result.status.ok() && result.exit_code == 0) return absl::OkStatus();
  const absl::StatusCode code = result.status.ok() ? absl::StatusCode::kUnavailable : result.status.code();
  return absl::Status(code, absl::StrCat(what, ": ", WhyItFailed(result)));
}

}  // namespace

std::string TimerUnit(absl::string_view lease_id, absl::Time end) {
  return absl::StrCat(kTimerPrefix, absl::StripPrefix(lease_id, kOursPrefix), "-", absl::ToUnixMillis(end));
}

std::vector<std::string> UndoCommand(const std::string& self_path, const std::string& node,
                                     const std::string& state_dir, const std::string& haproxy_socket,
                                     const std::string& lease_id) {
  std::vector<std::string> command = {ProgramPath(self_path), absl::StrCat("--node=", node),
                                      absl::StrCat("--state=", state_dir)};
  // An option that is given nothing would take the next word, "undo", for its value.
  if (!haproxy_socket.empty()) command.push_back(absl::StrCat("--haproxy-socket=", haproxy_socket));
  command.push_back("undo");
  command.push_back(lease_id);
  return command;
}

Task<absl::Status> ArmTimer(Tools& tools, std::string unit, absl::Time end, absl::Duration delay,
                            std::vector<std::string> undo) {
  const CommandResult result = co_await tools.Run(SystemdRunCommand(unit, end, delay, undo));
  co_return StatusOf("systemd-run", result);
}

Task<absl::Status> DisarmTimer(Tools& tools, std::string unit) {
  // The timer only: its service may be what is running this.
  const CommandResult result = co_await tools.Run(StopCommand(absl::StrCat(unit, ".timer")));
  co_return StatusOf("systemctl stop", result);
}

Task<absl::Status> DisarmAllTimers(Tools& tools) {
  const CommandResult result = co_await tools.Run(StopCommand(absl::StrCat(kTimerPrefix, "*.timer")));
  co_return StatusOf("systemctl stop", result);
}

}  // namespace jettyfleet
