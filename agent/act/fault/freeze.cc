#include "agent/act/fault/freeze.h"

#include <unistd.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/control_group.h"
#include "agent/act/fault/fault_gate.h"
#include "agent/act/fault/fault_lease.h"
#include "agent/act/fault/fault_undo.h"
#include "agent/act/fault/stand_still.h"
#include "agent/act/fault/unit_state.h"
#include "agent/act/outcome.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// Empty: these processes may stand still.
std::string WhyNotFrozen(const ControlGroup& group) {
  const absl::StatusOr<std::set<pid_t>> processes = group.Processes();
  if (!processes.ok()) return OneLine(absl::string_view(processes.status().message()));
  if (processes->empty()) return absl::StrCat("control group ", group.name(), " has no processes");
  // Frozen, it could not even undo it.
  if (processes->count(getpid()) > 0) return absl::StrCat(group.name(), " holds this agent itself");
  return "";
}

}  // namespace

Task<v1::ActionResult> FreezeUnit(FaultHands& hands, v1::FreezeUnit act) {
  const absl::StatusOr<UnitState> unit = co_await ReadRunningUnit(hands.cib.tools(), act.unit());
  if (!unit.ok()) co_return Refused(absl::string_view(unit.status().message()));
  const HostPaths& paths = hands.options.paths;
  const ControlGroup group(paths, unit->control_group);
  const std::string why_not = WhyNotFrozen(group);
  if (!why_not.empty()) co_return Refused(why_not);
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, GateOf(hands, act.unit()));
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  v1::LeaseRecord wanted = FaultRecord(hands, kUnitFreezeLease, act.lease_id(), act.unit());
  wanted.set_control_group(group.name());
  wanted.set_stopped_by_signal(!group.HasFreezer());
  const absl::StatusOr<v1::LeaseRecord> armed = co_await ArmFault(hands, wanted, FromProto(act.duration()));
  if (!armed.ok()) co_return Refused(absl::string_view(armed.status().message()));
  const absl::Status still = StandStill(group, armed->stopped_by_signal());
  if (!still.ok()) co_return co_await TakeBack(hands.cib.tools(), hands.leases, paths, *armed, still);
  co_return DoneUntil(FromProto(armed->lease().ends_at()));
}

}  // namespace jettyfleet
