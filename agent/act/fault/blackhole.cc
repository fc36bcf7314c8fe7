#include "agent/act/fault/blackhole.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/fault_gate.h"
#include "agent/act/fault/fault_lease.h"
#include "agent/act/fault/fault_undo.h"
#include "agent/act/fault/packet_filter.h"
#include "agent/act/fault/unit_state.h"
#include "agent/act/outcome.h"
#include "agent/observe/listeners.h"
#include "agent/observe/socket_owner.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// Empty: the unit alone listens on the port.
std::string WhyNotItsPort(const v1::BlackholePort& act, const std::string& control_group, const HostPaths& paths) {
  const absl::StatusOr<std::vector<Listener>> listeners = DumpListeners();
  if (!listeners.ok()) return OneLine(absl::string_view(listeners.status().message()));
  bool any = false;
  for (const Listener& listener : *listeners) {
    if (listener.port != act.port()) continue;
    any = true;
    const v1::Answer owned = OwnedByControlGroup(listener, control_group, paths.groups);
    if (owned == v1::ANSWER_UNSPECIFIED) return absl::StrCat("cannot find out who listens on port ", act.port());
    if (owned == v1::ANSWER_NO) return absl::StrCat("port ", act.port(), " is not, or not only, ", act.unit(), "'s");
  }
  return any ? "" : absl::StrCat("nothing listens on port ", act.port(), " of this host");
}

}  // namespace

Task<v1::ActionResult> BlackholePort(FaultHands& hands, v1::BlackholePort act) {
  Tools& tools = hands.cib.tools();
  const absl::Status filter = co_await CheckPacketFilter(tools);
  if (!filter.ok()) co_return Refused(absl::string_view(filter.message()));
  const absl::StatusOr<UnitState> unit = co_await ReadRunningUnit(tools, act.unit());
  if (!unit.ok()) co_return Refused(absl::string_view(unit.status().message()));
  const std::string why_not = WhyNotItsPort(act, unit->control_group, hands.options.paths);
  if (!why_not.empty()) co_return Refused(why_not);
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, GateOf(hands, act.unit()));
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  const v1::LeaseRecord wanted =
      FaultRecord(hands, kPortBlackholeLease, act.lease_id(), absl::StrCat(act.unit(), ":", act.port()));
  const absl::StatusOr<v1::LeaseRecord> armed = co_await ArmFault(hands, wanted, FromProto(act.duration()));
  if (!armed.ok()) co_return Refused(absl::string_view(armed.status().message()));
  const absl::Status dropped = co_await DropToPort(tools, act.lease_id(), static_cast<uint16_t>(act.port()));
  if (!dropped.ok()) co_return co_await TakeBack(tools, hands.leases, hands.options.paths, *armed, dropped);
  co_return DoneUntil(FromProto(armed->lease().ends_at()));
}

}  // namespace jettyfleet
