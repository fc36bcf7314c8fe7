#include "agent/act/fault/fault_gate.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/fencing.h"
#include "agent/act/lock.h"
#include "agent/act/outcome.h"

namespace jettyfleet {

FaultGate GateOf(const FaultHands& hands, const std::string& unit) {
  FaultGate gate;
  gate.operation_id = hands.operation_id;
  gate.also_in_transition = hands.also_in_transition;
  gate.unit = unit;
  return gate;
}

FaultGate GateWithFencingHere(const FaultHands& hands) {
  FaultGate gate = GateOf(hands, "");
  gate.fenced = hands.options.node;
  gate.fenced_is_this_host = true;
  return gate;
}

Task<v1::ActionResult> PassFaultGate(Cib& cib, FaultGate gate) {
  const absl::StatusOr<CibDocument> document = co_await cib.Read();
  if (!document.ok()) co_return Refused(absl::string_view(document.status().message()));
  const v1::ActionResult allowed = CheckLockAllows(*document, gate.operation_id, cib.tools().clock().WallNow());
  if (allowed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return allowed;
  if (document->InMaintenanceMode()) {
    co_return Refused("the cluster is in maintenance mode, so it would not end the fault");
  }
  if (!gate.unit.empty() && !document->RunsUnit(gate.unit)) {
    co_return Refused(absl::StrCat("the cluster has no resource systemd:", gate.unit, "; other units are left alone"));
  }
  if (!gate.fenced.empty()) {
    if (document->NodeId(gate.fenced).empty()) {
      co_return Refused(absl::StrCat("the cluster has no node ", gate.fenced));
    }
    const absl::Status fencing = co_await CheckFencing(cib.tools(), *document, gate.fenced);
    if (!fencing.ok()) co_return Refused(absl::string_view(fencing.message()));
    if (gate.fenced_is_this_host) {
      const absl::Status starts = co_await CheckStartsAtBoot(cib.tools());
      if (!starts.ok()) co_return Refused(absl::string_view(starts.message()));
    }
  }
  absl::Status fit;
  if (gate.also_in_transition) {
    fit = co_await cib.CheckQuorum();
  } else {
    fit = co_await cib.CheckQuorumAndRest();
  }
  if (fit.ok()) co_return Done();
  v1::ActionResult refused = Refused(absl::string_view(fit.message()));
  refused.set_in_transition(absl::IsUnavailable(fit));
  co_return refused;
}

}  // namespace jettyfleet
