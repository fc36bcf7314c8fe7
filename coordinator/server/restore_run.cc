#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/restore.h"
#include "coordinator/server/operation_desk.h"
#include "coordinator/server/operation_id.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kLookDeadline = absl::Seconds(8);
constexpr absl::Duration kUndoDeadline = absl::Seconds(60);
constexpr absl::Duration kPoll = absl::Milliseconds(50);

}  // namespace

void OperationDesk::Restore(const std::string& cluster, const std::string& who, const std::string& why, bool take_over,
                            v1::RestoreResponse* response, std::function<void(grpc::Status)> done) {
  if (const std::string running = RunningOn(cluster); !running.empty()) {
    return done(
        {grpc::StatusCode::FAILED_PRECONDITION, absl::StrCat("operation ", running,
                                                             " is running and restores by itself when it is aborted: "
                                                             "jettyfleet drill abort ",
                                                             running)});
  }
  if (restoring_.contains(cluster)) {
    return done({grpc::StatusCode::FAILED_PRECONDITION, "a restore is under way already; wait for its end"});
  }
  auto restoring = std::make_unique<Restoring>();
  restoring->began = clock_.WallNow();
  restoring->id = NewOperationId("r", restoring->began);
  restoring->who = who;
  restoring->why = why;
  restoring->take_over = take_over;
  restoring->response = response;
  restoring->done = std::move(done);
  restoring_[cluster] = std::move(restoring);
  const ClusterView& view = *registry_.Find(cluster);
  v1::Observe observe;
  observe.set_cluster(true);
  observe.set_cib(true);
  for (const auto& [node, host] : view.nodes) agents_.Observe(cluster, node, observe);
  observe.Clear();
  observe.set_lb_servers(true);
  for (const auto& [balancer, host] : view.load_balancers) agents_.Observe(cluster, balancer, observe);
  StepRestore(cluster);
}

void OperationDesk::StepRestore(const std::string& cluster) {
  Restoring& restoring = *restoring_.at(cluster);
  ClusterView& view = *registry_.Find(cluster);
  const absl::Time now = clock_.WallNow();
  if (!restoring.planned) {
    bool looking = false;
    for (const auto& [node, host] : view.nodes) {
      looking |= host.connected && std::min(host.fresh.cluster, host.fresh.cib) < restoring.began;
    }
    for (const auto& [balancer, host] : view.load_balancers) {
      looking |= host.connected && host.fresh.lb_servers < restoring.began;
    }
    if (looking && now < restoring.began + kLookDeadline) {
      return core_.PostAfter(kPoll, [this, cluster] { StepRestore(cluster); });
    }
    restoring.planned = true;
    restoring.steps = PlanRestore(view, restoring.id, restoring.take_over, now);
    for (RestoreStep& step : restoring.steps) {
      if (step.action.host.empty()) continue;
      std::vector<v1::JournalRecord> records(1);
      *records[0].mutable_at() = ToProto(now);
      records[0].set_cluster(cluster);
      records[0].set_operation_id(restoring.id);
      records[0].set_who(restoring.who);
      records[0].set_why(restoring.why);
      records[0].mutable_action_issued()->set_host(step.action.host);
      records[0].mutable_action_issued()->set_undo(true);
      *records[0].mutable_action_issued()->mutable_action() = step.action.action;
      // The record of the act authorises its undo: a full disk does not keep a node out of service.
      if (const absl::Status kept = journal_.Append(&records, RecordUse::kUndo); !kept.ok()) {
        step.what += absl::StrCat(" (not in the journal: ", std::string(kept.message()), ")");
      }
      if (!agents_.Send(cluster, step.action.host, step.action.action)) {
        step.problem =
            absl::StrCat("the agent on ", step.action.host, " is not connected; jettyfleet-agent undo --all there");
      }
    }
  }
  bool waiting = false;
  for (const RestoreStep& step : restoring.steps) {
    waiting |= !step.action.host.empty() && step.problem.empty() && !view.results.contains(step.action.action.id());
  }
  if (waiting && now < restoring.began + kUndoDeadline) {
    return core_.PostAfter(kPoll, [this, cluster] { StepRestore(cluster); });
  }
  for (const RestoreStep& step : restoring.steps) {
    v1::RestoreItem* const item = restoring.response->add_items();
    item->set_what(step.what);
    item->set_undone(v1::ANSWER_NO);
    item->set_detail(step.problem);
    const auto result = view.results.find(step.action.action.id());
    if (step.problem.empty() && result == view.results.end()) {
      item->set_undone(v1::ANSWER_UNSPECIFIED);
      item->set_detail(absl::StrCat("no answer from the agent on ", step.action.host, "; run restore again"));
    } else if (step.problem.empty()) {
      item->set_undone(result->second.outcome() == v1::ActionResult::OUTCOME_DONE ? v1::ANSWER_YES : v1::ANSWER_NO);
      item->set_detail(result->second.message());
      view.results.erase(result);
    }
  }
  const std::function<void(grpc::Status)> done = std::move(restoring.done);
  restoring_.erase(cluster);
  done(grpc::Status::OK);
}

}  // namespace jettyfleet
