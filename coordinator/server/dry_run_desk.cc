#include "coordinator/server/dry_run_desk.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/gate.h"
#include "coordinator/rolling/prediction_step.h"
#include "coordinator/rolling/rollout_plan.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/spec.h"
#include "coordinator/rolling/timing.h"
#include "coordinator/server/grpc_status.h"
#include "coordinator/server/operation_id.h"

namespace jettyfleet {
namespace {

constexpr char kIdPrefix[] = "p";
constexpr std::size_t kMostWaiting = 16;
constexpr absl::Duration kTick = absl::Milliseconds(50);

// What the gate of a drill that had its lock would say, of what was reported last.
std::vector<GateProblem> GateNow(const v1::DrillSpec& spec, ClusterView view, const std::string& id,
                                 const std::string& node, absl::Time now) {
  Operation operation;
  operation.id = id;
  operation.spec = spec;
  for (auto& [name, host] : view.nodes) {
    v1::CibEntryFact* const lock = host.report.mutable_cib()->add_ours();
    lock->set_kind(v1::CibEntryFact::KIND_LOCK);
    lock->set_operation_id(id);
    lock->set_holder(view.coordinator_uuid);
  }
  return JudgeGate(operation, view, node, GateScope::kBeforeVisit, absl::InfinitePast(), now);
}

}  // namespace

void DryRunDesk::DryRun(v1::DrillSpec spec, v1::DryRunDrillResponse* response, Done done) {
  const ClusterView& view = *registry_.Find(spec.cluster());
  if (runs_.size() >= kMostWaiting) {
    return done({grpc::StatusCode::RESOURCE_EXHAUSTED,
                 absl::StrCat(kMostWaiting, " callers wait for a dry run already; try again later")});
  }
  FillDefaults(view.description, &spec);
  if (const absl::Status valid = CheckSpec(view.description, spec); !valid.ok()) return done(ToGrpc(valid));
  v1::DrillSpec aimed = spec;
  const HostView* const dc = DcView(view);
  if (TraitsOf(spec).aimed_at_dc && dc != nullptr) aimed.add_nodes(dc->host);
  absl::StatusOr<std::vector<v1::PlannedVisit>> visits = PlanVisits(aimed, view);
  if (!visits.ok()) return done(ToGrpc(visits.status()));
  const absl::Time now = clock_.WallNow();
  // Answers that came too late for an earlier one.
  if (runs_.empty()) {
    std::erase_if(registry_.Find(spec.cluster())->results,
                  [](const auto& result) { return absl::StartsWith(result.first, absl::StrCat(kIdPrefix, "-")); });
  }
  Run run;
  run.id = NewOperationId(kIdPrefix, now);
  for (v1::PlannedVisit& visit : *visits) {
    for (const GateProblem& problem : GateNow(spec, view, run.id, visit.node(), now)) visit.add_gate(problem.text);
    *response->add_visits() = std::move(visit);
  }
  *response->mutable_spec() = spec;
  run.spec = std::move(spec);
  run.response = response;
  run.done = std::move(done);
  const uint64_t number = next_++;
  runs_[number] = std::move(run);
  Step(number);
}

void DryRunDesk::Step(uint64_t number) {
  Run& run = runs_.at(number);
  ClusterView* const view = registry_.Find(run.spec.cluster());
  if (!run.asked.empty()) {
    const auto answer = view->results.find(run.asked);
    if (answer != view->results.end()) {
      Take(&run, std::move(answer->second));
      view->results.erase(answer);
      run.asked.clear();
    } else if (clock_.WallNow() >= run.deadline) {
      run.response->mutable_visits(run.visit)->mutable_predicted()->set_error("the DC's agent did not answer in time");
      run.asked.clear();
    }
  }
  while (run.asked.empty() && ++run.visit < run.response->visits_size()) Ask(&run);
  if (!run.asked.empty()) {
    core_.PostAfter(kTick, [this, number] { Step(number); });
    return;
  }
  const Done done = std::move(run.done);
  runs_.erase(number);
  done(grpc::Status::OK);
}

void DryRunDesk::Ask(Run* run) {
  const ClusterView& view = *registry_.Find(run->spec.cluster());
  v1::PlannedVisit* const visit = run->response->mutable_visits(run->visit);
  const HostView* const dc = DcView(view);
  const v1::ResourceDescription* const resource = FindResource(view, run->spec.resource());
  if (dc == nullptr || resource == nullptr) {
    visit->mutable_predicted()->set_error("no DC with quorum is heard any more");
    return;
  }
  const auto look = QuestionAbout(run->spec, dc->report.cluster(), *resource, visit->node());
  if (!look.has_value()) return;
  v1::Action action;
  *action.mutable_predict_transition() = *look;
  action.set_id(absl::StrCat(run->id, "/", visit->node(), "/predict"));
  action.set_operation_id(run->id);
  action.set_epoch(view.epoch);
  *action.mutable_timeout() = ToProto(kPredictTimeout - absl::Seconds(1));
  if (!send_(run->spec.cluster(), dc->host, action)) {
    visit->mutable_predicted()->set_error(absl::StrCat("the agent of ", dc->host, ", the DC, is not connected"));
    return;
  }
  run->asked = action.id();
  run->deadline = clock_.WallNow() + kPredictTimeout;
}

void DryRunDesk::Take(Run* run, v1::ActionResult result) {
  v1::PlannedVisit* const visit = run->response->mutable_visits(run->visit);
  *visit->mutable_predicted() = ReadPrediction(result);
  visit->mutable_predicted()->set_node(visit->node());
}

}  // namespace jettyfleet
