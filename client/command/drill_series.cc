#include "client/command/drill_series.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/command/drill_dry_run.h"
#include "client/command/watch_operation.h"
#include "client/interrupt.h"
#include "client/json.h"
#include "client/render/series_view.h"
#include "client/request_id.h"
#include "common/drill/scenarios.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kUsual = absl::Seconds(10);

v1::DrillSpec SpecFor(const v1::DrillSpec& series, const ScenarioDefinition& scenario) {
  v1::DrillSpec spec = series;
  spec.set_scenario(scenario.scenario);
  if (scenario.scenario == v1::SCENARIO_DC_LOSS) spec.clear_nodes();
  // Of the two that take a daemon, dc-loss fences unless it is asked for by itself.
  if (scenario.scenario != v1::SCENARIO_DAEMON_KILL) spec.clear_daemon();
  return spec;
}

// What became of it; the state stays unset where that is not known.
void Look(Session& session, const v1::DrillSpec& spec, v1::SeriesReport::Drill* drill) {
  v1::GetOperationRequest request;
  request.set_cluster(spec.cluster());
  request.set_operation_id(drill->operation_id());
  v1::OperationReport report;
  const auto context = session.Context(kUsual);
  if (const grpc::Status status = session.stub().GetOperation(context.get(), request, &report); !status.ok()) {
    drill->set_reason(absl::StrCat("its result is not known: ", status.error_message()));
    return;
  }
  drill->set_state(report.state());
  drill->set_reason(report.reason());
}

ExitCode RunOne(Session& session, InterruptWatch& interrupts, const v1::DrillSpec& spec,
                v1::SeriesReport::Drill* drill) {
  v1::StartDrillRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_spec() = spec;
  v1::StartDrillResponse response;
  const auto context = session.Context(kUsual);
  const grpc::Status status = session.stub().StartDrill(context.get(), request, &response);
  if (!status.ok()) {
    drill->set_reason(absl::StrCat("it did not begin: ", status.error_message()));
    return session.FailMutation(status, "jettyfleet drill list");
  }
  drill->set_operation_id(response.operation_id());
  WatchArguments watch;
  watch.cluster = spec.cluster();
  watch.operation_id = response.operation_id();
  const ExitCode code = WatchOperation(session, interrupts, watch);
  Look(session, spec, drill);
  return code;
}

}  // namespace

ExitCode RunDrillSeries(Session& session, const v1::DrillSpec& spec) {
  InterruptWatch interrupts;
  v1::SeriesReport series;
  ExitCode code = kExitYes;
  for (const ScenarioDefinition& scenario : Scenarios()) {
    v1::SeriesReport::Drill* const drill = series.add_drills();
    drill->set_scenario(scenario.name);
    if (scenario.may_fence && !spec.allow_fencing()) {
      drill->set_reason("it can get a node fenced; run it with --allow-fencing");
    } else if (code != kExitYes) {
      drill->set_reason("a drill before it did not pass");
    } else {
      code = RunOne(session, interrupts, SpecFor(spec, scenario), drill);
      if (code == kExitYes && drill->state() != v1::OPERATION_STATE_PASSED) code = kExitNo;
    }
  }
  const Console& console = session.console();
  console.out << (session.json() ? ToJson(series) : RenderSeries(series, console.colour)) << std::flush;
  return code;
}

ExitCode RunDrySeries(Session& session, const v1::DrillSpec& spec) {
  ExitCode code = kExitYes;
  for (const ScenarioDefinition& scenario : Scenarios()) {
    if (scenario.may_fence && !spec.allow_fencing()) continue;
    const ExitCode one = RunDrillDryRun(session, SpecFor(spec, scenario));
    if (code == kExitYes) code = one;
  }
  return code;
}

ExitCode RunDrillScenarios(const Console& console, bool json) {
  const v1::ScenarioList known = KnownScenarios();
  console.out << (json ? ToJson(known) : RenderScenarios(known)) << std::flush;
  return kExitYes;
}

}  // namespace jettyfleet
