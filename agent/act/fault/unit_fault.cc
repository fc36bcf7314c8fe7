#include "agent/act/fault/unit_fault.h"

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/fault/fault_gate.h"
#include "agent/act/fault/signal_process.h"
#include "agent/act/fault/unit_state.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// A function, because GCC 12 miscompiles initializer lists inside coroutines. Not waiting for it: a JVM may take its
// time, and whatever else this agent has to undo must not wait for that.
std::vector<std::string> StopCommand(const std::string& unit) {
  return {"systemctl", "stop", "--no-block", absl::StrCat(unit, ".service")};
}

}  // namespace

Task<v1::ActionResult> StopUnit(FaultHands& hands, v1::StopUnit act) {
  const absl::StatusOr<UnitState> unit = co_await ReadRunningUnit(hands.cib.tools(), act.unit());
  if (!unit.ok()) co_return Refused(absl::string_view(unit.status().message()));
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, GateOf(hands, act.unit()));
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  const absl::Status noted = hands.note_begun();
  if (!noted.ok()) co_return Refused(absl::string_view(noted.message()));
  const CommandResult stopped = co_await hands.cib.tools().Run(StopCommand(act.unit()));
  if (stopped.status.ok() && stopped.exit_code == 0) co_return Done();
  co_return WithoutEffect("systemctl stop", stopped);
}

Task<v1::ActionResult> KillUnit(FaultHands& hands, v1::KillUnit act) {
  const absl::StatusOr<UnitState> unit = co_await ReadRunningUnit(hands.cib.tools(), act.unit());
  if (!unit.ok()) co_return Refused(absl::string_view(unit.status().message()));
  const pid_t process = unit->main_process;
  const ControlGroup group(hands.options.paths, unit->control_group);
  if (process <= 1 || !group.Has(process)) {
    co_return Refused(absl::StrCat("the main process of ", act.unit(), ".service (", process,
                                   ") is not seen in its control group ", group.name()));
  }
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, GateOf(hands, act.unit()));
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  const absl::Status noted = hands.note_begun();
  if (!noted.ok()) co_return Refused(absl::string_view(noted.message()));
  co_return ResultOf(SignalProcess(process, SIGKILL, [&] { return group.Has(process); }));
}

}  // namespace jettyfleet
