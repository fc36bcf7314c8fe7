#include "client/render/operation_words.h"

#include "absl/strings/str_cat.h"
#include "common/drill/scenarios.h"
#include "common/proto_time.h"

namespace jettyfleet {

absl::string_view ScenarioName(v1::Scenario scenario) {
  // No drill's, and so not among their definitions.
  if (scenario == v1::SCENARIO_ROLLOUT) return "rollout";
  const ScenarioDefinition* const definition = FindScenario(scenario);
  return definition == nullptr ? "unknown" : definition->name;
}

Cell StateCell(v1::OperationState state) {
  switch (state) {
    case v1::OPERATION_STATE_RUNNING:
      return {"running"};
    case v1::OPERATION_STATE_RESTORING:
      return {"restoring", Tone::kUnknown};
    case v1::OPERATION_STATE_PASSED:
      return {"PASSED", Tone::kGood};
    case v1::OPERATION_STATE_FAILED:
      return {"FAILED", Tone::kBad};
    case v1::OPERATION_STATE_ABORTED:
      return {"ABORTED", Tone::kBad};
    case v1::OPERATION_STATE_REFUSED:
      return {"REFUSED", Tone::kBad};
    default:
      return {"unknown", Tone::kUnknown};
  }
}

absl::string_view StepName(v1::NodeStep step) {
  switch (step) {
    case v1::NODE_STEP_WAITING:
      return "waiting";
    case v1::NODE_STEP_GATE:
      return "gate";
    case v1::NODE_STEP_BASELINE:
      return "baseline";
    case v1::NODE_STEP_DRAIN:
      return "draining";
    case v1::NODE_STEP_MAINT:
      return "maintenance";
    case v1::NODE_STEP_ACT:
      return "acting";
    case v1::NODE_STEP_LEAVE:
      return "leaving";
    case v1::NODE_STEP_IS_DC:
      return "it is the DC";
    case v1::NODE_STEP_NOTICED:
      return "the cluster noticed";
    case v1::NODE_STEP_NEW_DC:
      return "another DC";
    case v1::NODE_STEP_RESTORE:
      return "restoring";
    case v1::NODE_STEP_CLUSTER_START:
      return "cluster starts it";
    case v1::NODE_STEP_UNIT_ACTIVE:
      return "unit active";
    case v1::NODE_STEP_PORT_BOUND:
      return "port bound";
    case v1::NODE_STEP_HTTP_READY:
      return "HTTP ready";
    case v1::NODE_STEP_LB_READY:
      return "LB ready";
    case v1::NODE_STEP_CLUSTER_IDLE:
      return "cluster idle";
    case v1::NODE_STEP_DONE:
      return "done";
    default:
      return "unknown";
  }
}

bool HasEnded(v1::OperationState state) {
  return state == v1::OPERATION_STATE_PASSED || state == v1::OPERATION_STATE_FAILED ||
         state == v1::OPERATION_STATE_ABORTED || state == v1::OPERATION_STATE_REFUSED;
}

std::string RolloutWords(const v1::RolloutSpec& rollout) {
  return rollout.restart_only() ? "restart" : absl::StrCat(rollout.name(), " ", rollout.version());
}

absl::string_view OperationNoun(const v1::DrillSpec& spec) { return spec.has_rollout() ? "rollout" : "drill"; }

std::string WhatText(const v1::DrillSpec& spec) {
  const std::string daemon = DaemonName(spec.daemon());
  const std::string what = spec.has_rollout() ? Harmless(RolloutWords(spec.rollout()))
                                              : absl::StrCat(ScenarioName(spec.scenario()),
                                                             daemon.empty() ? "" : absl::StrCat(" (", daemon, ")"));
  return absl::StrCat(what, " of ", Harmless(spec.resource()), " on ", Harmless(spec.cluster()));
}

std::string ElapsedText(const v1::OperationReport& report, absl::Time now) {
  if (!report.has_began_at()) return "-";
  return SpanText((report.has_ended_at() ? FromProto(report.ended_at()) : now) - FromProto(report.began_at()));
}

}  // namespace jettyfleet
