#include "agent/act/fault/unit_state.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> ShowCommand(const std::string& service) {
  return {"systemctl", "show", "--property=ActiveState", "--property=MainPID", "--property=ControlGroup", service};
}

absl::StatusOr<UnitState> Parse(const std::string& service, const CommandResult& shown) {
  UnitState state;
  bool main_known = false;
  for (absl::string_view line : absl::StrSplit(shown.out, '\n')) {
    if (absl::ConsumePrefix(&line, "ActiveState=")) state.active_state = std::string(line);
    if (absl::ConsumePrefix(&line, "MainPID=")) main_known = absl::SimpleAtoi(line, &state.main_process);
    if (absl::ConsumePrefix(&line, "ControlGroup=")) state.control_group = std::string(line);
  }
  const bool ran = shown.status.ok() && shown.exit_code == 0;
  const bool group_fits = state.control_group.empty() || IsServiceGroup(state.control_group);
  if (ran && main_known && state.main_process >= 0 && !state.active_state.empty() && group_fits) return state;
  return absl::UnavailableError(
      absl::StrCat("cannot ask systemd about ", service, ": systemctl show: ", WhyItFailed(shown)));
}

}  // namespace

Task<absl::StatusOr<UnitState>> ReadUnitState(Tools& tools, std::string unit) {
  const std::string service = absl::StrCat(unit, ".service");
  const CommandResult shown = co_await tools.Run(ShowCommand(service));
  co_return Parse(service, shown);
}

Task<absl::StatusOr<UnitState>> ReadRunningUnit(Tools& tools, std::string unit) {
  absl::StatusOr<UnitState> state = co_await ReadUnitState(tools, unit);
  if (!state.ok()) co_return state;
  if (state->active_state != "active" || state->control_group.empty()) {
    co_return absl::FailedPreconditionError(absl::StrCat(unit, ".service is ", OneLine(state->active_state),
                                                         " on this host, so there is nothing to break"));
  }
  co_return state;
}

}  // namespace jettyfleet
