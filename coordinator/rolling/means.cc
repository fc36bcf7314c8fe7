#include "coordinator/rolling/means.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/goal.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

std::string Purpose(const NodeVisit& visit, const Operation& operation) {
  return absl::StrCat(operation.id, "/", visit.node, "/means");
}

// Empty: it is there.
std::string Missing(absl::string_view what, const v1::FaultMean& mean) {
  if (mean.available() == v1::ANSWER_YES) return "";
  return absl::StrCat(what, mean.available() == v1::ANSWER_NO ? ": " : " is not known: ", mean.why());
}

std::string Missing(const v1::DrillSpec& spec, const v1::FaultMeans& means) {
  const bool drops_packets =
      spec.scenario() == v1::SCENARIO_PORT_BLACKHOLE || spec.scenario() == v1::SCENARIO_PEER_PARTITION;
  std::string missing;
  if (drops_packets) missing = Missing("its packet filter", means.packet_filter());
  if (!missing.empty() || !TraitsOf(spec).may_fence) return missing;
  missing = Missing("its fencing", means.fencing());
  if (missing.empty()) missing = Missing("its start at boot", means.starts_at_boot());
  if (missing.empty() && spec.scenario() == v1::SCENARIO_PEER_PARTITION && means.peers_size() == 0) {
    missing = absl::StrCat("its peers' addresses are not known: ", means.peers_error());
  }
  return missing;
}

bool Needed(const v1::DrillSpec& spec) {
  return TraitsOf(spec).may_fence || spec.scenario() == v1::SCENARIO_PORT_BLACKHOLE;
}

}  // namespace

const v1::FaultMeans* MeansOf(const NodeVisit& visit, const Operation& operation) {
  const std::vector<const IssuedAction*> attempts = operation.Attempts(Purpose(visit, operation));
  if (attempts.empty() || !attempts.back()->Answered(v1::ActionResult::OUTCOME_DONE)) return nullptr;
  return &attempts.back()->result.fault_means();
}

bool HasMeans(const NodeVisit& visit, Desk* desk) {
  if (!Needed(desk->op.spec)) return true;
  if (const v1::FaultMeans* const means = MeansOf(visit, desk->op)) {
    const std::string missing = Missing(desk->op.spec, *means);
    if (missing.empty()) return true;
    desk->Stop(v1::StopRequested::CAUSE_GATE, absl::StrCat("node ", visit.node, " cannot be hit so: ", missing));
    return false;
  }
  const HostView* const host = ConnectedNode(desk->view, visit.node);
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  if (host == nullptr || resource == nullptr) return false;  // the step's deadline bounds the wait
  v1::Action action;
  switch (JudgeGoal(desk->op, Purpose(visit, desk->op), desk->now, /*seen=*/false)) {
    case Goal::kIssue:
      action.mutable_look_at_fault_means()->set_unit(resource->unit());
      desk->Act(visit.node, visit.node, Purpose(visit, desk->op), action, kFaultActionTimeout);
      break;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", visit.node, " did not tell what its host offers; check that agent"));
      break;
    case Goal::kMet:
    case Goal::kWaiting:
      break;
  }
  return false;
}

}  // namespace jettyfleet
