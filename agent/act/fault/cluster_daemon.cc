#include "agent/act/fault/cluster_daemon.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/act/fault/fault_gate.h"
#include "agent/act/fault/signal_process.h"
#include "agent/act/fault/unit_state.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kCorosync = "corosync";

// Debian has the first of each; others the second.
std::vector<std::string> PathsOf(const std::string& name) {
  if (name == kCorosync) return {"/usr/sbin/corosync", "/usr/bin/corosync"};
  return {absl::StrCat("/usr/lib/pacemaker/", name), absl::StrCat("/usr/libexec/pacemaker/", name)};
}

}  // namespace

std::string DaemonName(v1::KillDaemon::Daemon daemon) {
  switch (daemon) {
    case v1::KillDaemon::DAEMON_BASED:
      return "pacemaker-based";
    case v1::KillDaemon::DAEMON_CONTROLD:
      return "pacemaker-controld";
    case v1::KillDaemon::DAEMON_EXECD:
      return "pacemaker-execd";
    case v1::KillDaemon::DAEMON_ATTRD:
      return "pacemaker-attrd";
    case v1::KillDaemon::DAEMON_FENCED:
      return "pacemaker-fenced";
    case v1::KillDaemon::DAEMON_SCHEDULERD:
      return "pacemaker-schedulerd";
    case v1::KillDaemon::DAEMON_COROSYNC:
      return std::string(kCorosync);
    default:
      return "";
  }
}

bool RunsDaemon(const HostPaths& paths, pid_t process, const std::string& name) {
  std::error_code error;
  const std::filesystem::path program =
      std::filesystem::read_symlink(absl::StrCat(paths.proc, "/", process, "/exe"), error);
  if (error) return false;
  // An upgrade has put a new program where this one was.
  const std::string path(absl::StripSuffix(program.string(), " (deleted)"));
  const std::vector<std::string> known = PathsOf(name);
  return std::find(known.begin(), known.end(), path) != known.end();
}

absl::StatusOr<pid_t> FindDaemon(const HostPaths& paths, const ControlGroup& service, const std::string& name) {
  const absl::StatusOr<std::set<pid_t>> processes = service.Processes();
  if (!processes.ok()) return processes.status();
  std::vector<pid_t> found;
  for (const pid_t process : *processes) {
    if (process > 1 && RunsDaemon(paths, process, name)) found.push_back(process);
  }
  if (found.size() == 1) return found[0];
  const std::string where = absl::StrCat(" in the control group ", service.name());
  if (found.empty()) return absl::NotFoundError(absl::StrCat("no process of ", name, where));
  return absl::FailedPreconditionError(absl::StrCat(found.size(), " processes of ", name, where));
}

Task<v1::ActionResult> KillDaemon(FaultHands& hands, v1::KillDaemon act) {
  const HostPaths& paths = hands.options.paths;
  const std::string name = DaemonName(act.daemon());
  const std::string service = act.daemon() == v1::KillDaemon::DAEMON_COROSYNC ? "corosync" : "pacemaker";
  const absl::StatusOr<UnitState> unit = co_await ReadRunningUnit(hands.cib.tools(), service);
  if (!unit.ok()) co_return Refused(absl::string_view(unit.status().message()));
  const ControlGroup group(paths, unit->control_group);
  const absl::StatusOr<pid_t> process = FindDaemon(paths, group, name);
  if (!process.ok()) co_return Refused(absl::string_view(process.status().message()));
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, GateWithFencingHere(hands));
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  const absl::Status noted = hands.note_begun();
  if (!noted.ok()) co_return Refused(absl::string_view(noted.message()));
  co_return ResultOf(
      SignalProcess(*process, SIGKILL, [&] { return group.Has(*process) && RunsDaemon(paths, *process, name); }));
}

}  // namespace jettyfleet
