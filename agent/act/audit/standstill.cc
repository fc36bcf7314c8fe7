#include "agent/act/audit/standstill.h"

#include <sys/types.h>

#include <cstddef>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/fault/unit_state.h"
#include "agent/act/outcome.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kStatLimitBytes = 4096;

void Unknown(const absl::Status& why, v1::StandstillFact* fact) { fact->set_error(OneLine(why.message())); }

// The letter that the kernel shows for the state of a process; 0: it has gone.
absl::StatusOr<char> StateOf(const std::string& proc, pid_t process) {
  const std::string path = absl::StrCat(proc, "/", process, "/stat");
  const absl::StatusOr<std::string> stat = ReadSmallFile(path, kStatLimitBytes);
  if (absl::IsNotFound(stat.status())) return '\0';
  if (!stat.ok()) return stat.status();
  // "PID (COMMAND) STATE ...", and a command may hold brackets and blanks.
  const std::size_t command_end = stat->rfind(')');
  if (command_end == std::string::npos || command_end + 2 >= stat->size()) {
    return absl::UnavailableError(absl::StrCat(path, " has another form than expected"));
  }
  return (*stat)[command_end + 2];
}

void LookAtGroup(const HostPaths& paths, const std::string& name, v1::StandstillFact* fact) {
  const ControlGroup group(paths, name);
  if (group.HasFreezer()) {
    const absl::Status frozen = group.AwaitFrozen(absl::ZeroDuration());
    if (frozen.ok()) {
      fact->set_stands_still(v1::ANSWER_YES);
      fact->set_how(absl::StrCat("control group ", name, " is frozen"));
      return;
    }
    if (!absl::IsDeadlineExceeded(frozen)) return Unknown(frozen, fact);
  }
  const absl::StatusOr<std::set<pid_t>> processes = group.Processes();
  if (!processes.ok()) return Unknown(processes.status(), fact);
  for (const pid_t process : *processes) {
    const absl::StatusOr<char> state = StateOf(paths.proc, process);
    if (!state.ok()) return Unknown(state.status(), fact);
    if (*state != 'T') continue;
    fact->set_stands_still(v1::ANSWER_YES);
    fact->set_how(absl::StrCat("process ", process, " is stopped"));
    return;
  }
  fact->set_stands_still(v1::ANSWER_NO);
}

}  // namespace

Task<v1::StandstillFact> LookAtStandstill(Tools& tools, HostPaths paths, std::string unit) {
  v1::StandstillFact fact;
  fact.set_unit(unit);
  const absl::StatusOr<UnitState> state = co_await ReadUnitState(tools, unit);
  if (!state.ok()) {
    Unknown(state.status(), &fact);
  } else if (!state->control_group.empty()) {
    LookAtGroup(paths, state->control_group, &fact);
  } else if (state->active_state == "active") {
    fact.set_error(absl::StrCat(unit, ".service is active, but systemd names no control group of it"));
  } else {
    fact.set_stands_still(v1::ANSWER_NO);
  }
  co_return fact;
}

}  // namespace jettyfleet
