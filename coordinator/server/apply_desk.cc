#include "coordinator/server/apply_desk.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/description/validate.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/plan/describe.h"
#include "coordinator/plan/planner.h"
#include "coordinator/plan/prediction.h"
#include "coordinator/plan/step_words.h"
#include "coordinator/plan/unit_choice.h"
#include "coordinator/server/grpc_status.h"
#include "coordinator/server/operation_id.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(250);
constexpr absl::Duration kPredictionDeadline = absl::Seconds(60);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

v1::JournalRecord Record(const std::string& cluster, const std::string& id, const std::string& who,
                         const std::string& why, absl::Time now) {
  v1::JournalRecord record;
  *record.mutable_at() = ToProto(now);
  record.set_cluster(cluster);
  record.set_operation_id(id);
  record.set_who(who);
  record.set_why(why);
  return record;
}

}  // namespace

ApplyDesk::ApplyDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, FreshLook& look, Journal& journal,
                     FleetStore& store, const Clock& clock, UnderWay under_way)
    : core_(core),
      registry_(registry),
      agents_(agents),
      look_(look),
      journal_(journal),
      store_(store),
      clock_(clock),
      under_way_(std::move(under_way)) {}

absl::Status ApplyDesk::Resume() {
  std::map<std::string, v1::JournalRecord> open;
  const absl::Status read = journal_.Read(0, [&open](const v1::JournalRecord& record) {
    if (record.has_apply_began()) open[record.operation_id()] = record;
    if (record.has_apply_ended()) open.erase(record.operation_id());
    return true;
  });
  if (!read.ok()) return read;
  for (const auto& [id, record] : open) {
    LogInfo(absl::StrCat("apply ", id, " on ", record.cluster(), " is taken up again"));
    registry_.Expect(record.cluster());
    core_.Post([this, record = record] {
      Begin({record.operation_id(), record.apply_began().description(), record.who(), record.why(),
             record.apply_began().allow_disruption()},
            nullptr);
    });
  }
  return absl::OkStatus();
}

grpc::Status ApplyDesk::Prepare(v1::ClusterDescription* description) const {
  if (const absl::Status valid = ValidateDescription(*description); !valid.ok()) return ToGrpc(valid);
  const ClusterView* const view = registry_.Find(description->cluster());
  if (view == nullptr) {
    return {grpc::StatusCode::NOT_FOUND,
            absl::StrCat("no cluster is called ", description->cluster(), "; known: ",
                         registry_.clusters().empty()
                             ? "none"
                             : absl::StrJoin(registry_.clusters(), ", ",
                                             [](std::string* out, const auto& entry) { out->append(entry.first); }))};
  }
  return ToGrpc(ChooseUnits(*view, description));
}

grpc::Status ApplyDesk::WhyNot(const std::string& cluster) const {
  if (const auto running = applying_.find(cluster); running != applying_.end()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat("an apply by ", running->second.run->who(), " is under way (", running->second.run->id(),
                         "); wait for its end")};
  }
  if (const std::string other = under_way_(cluster); !other.empty()) {
    return {grpc::StatusCode::FAILED_PRECONDITION,
            absl::StrCat(other, " is under way on ", cluster, "; wait for its end, or abort it")};
  }
  return grpc::Status::OK;
}

void ApplyDesk::Apply(const v1::ApplyRequest& request, const std::string& who, std::shared_ptr<ProgressStream> stream) {
  v1::ClusterDescription description = request.description();
  // A cluster that is known has been heard, but perhaps a minute ago; what "auto" means is asked of what it is now.
  if (const absl::Status valid = ValidateDescription(description); !valid.ok()) return stream->Close(ToGrpc(valid));
  if (const grpc::Status not_now = WhyNot(description.cluster()); !not_now.ok()) return stream->Close(not_now);
  if (const grpc::Status prepared = Prepare(&description); !prepared.ok()) return stream->Close(prepared);
  const absl::Time now = clock_.WallNow();
  ApplyOrder order{NewOperationId("a", now), description, who, request.why(), request.allow_disruption()};
  std::vector<v1::JournalRecord> records(2, Record(description.cluster(), order.id, who, request.why(), now));
  records[0].clear_operation_id();
  *records[0].mutable_description_stored()->mutable_description() = description;
  *records[1].mutable_apply_began()->mutable_description() = description;
  records[1].mutable_apply_began()->set_allow_disruption(request.allow_disruption());
  if (const absl::Status kept = journal_.Append(&records, RecordUse::kOrdinary); !kept.ok()) {
    return stream->Close(ToGrpc(kept));
  }
  if (const absl::Status stored = store_.StoreDescription(description); !stored.ok()) {
    return stream->Close(ToGrpc(stored));
  }
  registry_.SetDescription(description);
  agents_.PushWatches();
  Begin(std::move(order), std::move(stream));
}

void ApplyDesk::Begin(ApplyOrder order, std::shared_ptr<ProgressStream> stream) {
  const std::string cluster = order.description.cluster();
  ApplyRun::Seams seams;
  seams.journal = &journal_;
  seams.send = [this, cluster](const std::string& host, const v1::Action& action) {
    return agents_.Send(cluster, host, action);
  };
  seams.observe = [this, cluster](const std::string& host, const v1::Observe& observe) {
    agents_.Observe(cluster, host, observe);
  };
  seams.progress = [stream](const v1::ApplyProgress& progress) {
    if (stream != nullptr) stream->Write(progress);
  };
  std::string why = order.why;
  applying_[cluster] = {std::make_unique<ApplyRun>(std::move(order), std::move(seams)), stream, std::move(why)};
  Tick(cluster);
}

void ApplyDesk::Tick(const std::string& cluster) {
  Step(cluster);
  if (applying_.contains(cluster)) core_.PostAfter(kTick, [this, cluster] { Tick(cluster); });
}

void ApplyDesk::OnChanged(const std::string& cluster) { Step(cluster); }

void ApplyDesk::Step(const std::string& cluster) {
  const auto found = applying_.find(cluster);
  if (found == applying_.end()) return;
  ClusterView* const view = registry_.Find(cluster);
  const std::optional<absl::Status> ended = found->second.run->Step(*view, clock_.WallNow());
  if (!ended.has_value()) return;
  const std::string& id = found->second.run->id();
  LogInfo(absl::StrCat("apply ", id, " on ", cluster, ": ", ended->ok() ? "done" : std::string(ended->message())));
  std::vector<v1::JournalRecord> records{
      Record(cluster, id, found->second.run->who(), found->second.why, clock_.WallNow())};
  records[0].mutable_apply_ended()->set_succeeded(ended->ok());
  records[0].mutable_apply_ended()->set_reason(std::string(ended->message()));
  // Without it the next coordinator takes the apply up again, and finds out for itself that nothing is left to do.
  if (const absl::Status kept = journal_.Append(&records, RecordUse::kUndo); !kept.ok()) {
    LogError(absl::StrCat("the end of ", id, " is not in the journal: ", kept.message()));
  }
  if (found->second.stream != nullptr) found->second.stream->Close(ToGrpc(*ended));
  std::erase_if(view->results,
                [prefix = absl::StrCat(id, "/")](const auto& entry) { return absl::StartsWith(entry.first, prefix); });
  applying_.erase(found);
}

std::string ApplyDesk::RunningOn(const std::string& cluster) const {
  const auto found = applying_.find(cluster);
  return found == applying_.end() ? "" : found->second.run->id();
}

void ApplyDesk::Plan(const v1::PlanRequest& request, v1::PlanResponse* response, Done done) {
  v1::ClusterDescription description = request.description();
  if (const absl::Status valid = ValidateDescription(description); !valid.ok()) return done(ToGrpc(valid));
  if (registry_.Find(description.cluster()) == nullptr) return done(Prepare(&description));
  look_.Everywhere(description.cluster(),
                   [this, description, response, done = std::move(done)](absl::Time since) mutable {
                     const ClusterView& view = *registry_.Find(description.cluster());
                     const std::string dc = QuorateDc(view);
                     if (!dc.empty() && view.nodes.at(dc).fresh.cib < since) {
                       return done({grpc::StatusCode::UNAVAILABLE, absl::StrCat("the DC ", dc, " does not answer")});
                     }
                     if (const grpc::Status prepared = Prepare(&description); !prepared.ok()) return done(prepared);
                     FinishPlan(description, response, std::move(done));
                   });
}

void ApplyDesk::FinishPlan(const v1::ClusterDescription& description, v1::PlanResponse* response, Done done) {
  const std::string& cluster = description.cluster();
  const ClusterView& view = *registry_.Find(cluster);
  jettyfleet::Plan plan = MakePlan(description, view);
  response->set_cluster(cluster);
  response->set_refused(plan.refused);
  response->set_refused_path(plan.refused_path);
  for (const std::string& remark : plan.remarks) response->add_remarks(remark);
  const std::string dc = QuorateDc(view);
  response->set_dc(dc);
  if (plan.steps.empty() || dc.empty()) return done(grpc::Status::OK);
  v1::Action look;
  look.set_id(absl::StrCat(NewOperationId("p", clock_.WallNow()), "/1"));
  look.set_epoch(view.epoch);
  *look.mutable_timeout() = ToProto(kPredictionDeadline);
  for (const PlanStep& step : plan.steps) *look.mutable_predict_actions()->add_actions() = step.action;
  agents_.Send(cluster, dc, look);
  AwaitPrediction(cluster, look.id(), clock_.WallNow() + kPredictionDeadline, std::move(plan.steps), response,
                  std::move(done));
}

void ApplyDesk::AwaitPrediction(const std::string& cluster, const std::string& action_id, absl::Time deadline,
                                std::vector<PlanStep> steps, v1::PlanResponse* response, Done done) {
  ClusterView& view = *registry_.Find(cluster);
  const auto found = view.results.find(action_id);
  if (found == view.results.end() && clock_.WallNow() < deadline) {
    core_.PostAfter(kPoll, [=, this, steps = std::move(steps), done = std::move(done)]() mutable {
      AwaitPrediction(cluster, action_id, deadline, std::move(steps), response, std::move(done));
    });
    return;
  }
  v1::ActionResult result;
  result.set_message("the DC's agent did not answer in time");
  if (found != view.results.end()) {
    result = found->second;
    view.results.erase(found);
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    v1::PlannedStep* const step = response->add_steps();
    step->set_what(steps[i].what);
    step->set_found(steps[i].found);
    step->set_command(CommandOf(steps[i].action));
    step->set_host(steps[i].host);
    if (static_cast<int>(i) < result.predictions_size()) {
      *step->mutable_prediction() = result.predictions(static_cast<int>(i));
    } else {
      step->mutable_prediction()->set_error(result.message());
    }
    const Disruption disruption = DisruptionOf(steps[i].action, step->prediction(), view);
    for (const std::string& instance : disruption.instances) step->add_disrupts(instance);
    if (disruption.unknown) step->add_disrupts("unknown");
  }
  done(grpc::Status::OK);
}

void ApplyDesk::Describe(const std::string& cluster, v1::DescribeResponse* response, Done done) {
  look_.Everywhere(cluster, [this, cluster, response, done = std::move(done)](absl::Time) {
    const absl::StatusOr<DescribeResult> result = jettyfleet::Describe(cluster, *registry_.Find(cluster));
    if (!result.ok()) return done(ToGrpc(result.status()));
    *response->mutable_description() = result->description;
    for (const std::string& remark : result->remarks) response->add_remarks(remark);
    done(grpc::Status::OK);
  });
}

}  // namespace jettyfleet
