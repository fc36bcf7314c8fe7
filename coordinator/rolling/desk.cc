#include "coordinator/rolling/desk.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

absl::Time FreshnessOf(const Freshness& fresh, Desk::Fact fact) {
  switch (fact) {
    case Desk::Fact::kCluster:
      return fresh.cluster;
    case Desk::Fact::kCib:
      return fresh.cib;
    case Desk::Fact::kUnits:
      return fresh.units;
    case Desk::Fact::kHttp:
      return fresh.http;
    case Desk::Fact::kLbServers:
      return fresh.lb_servers;
  }
  return absl::InfinitePast();
}

}  // namespace

v1::JournalRecord& Desk::Record(const std::string& why) {
  v1::JournalRecord& record = decision_.records.emplace_back();
  *record.mutable_at() = ToProto(now);
  record.set_cluster(op.cluster);
  record.set_operation_id(op.id);
  record.set_who(absl::StrCat("coordinator ", view.coordinator_uuid));
  record.set_why(why);
  return record;
}

void Desk::PlanNodes(const std::vector<std::string>& nodes, const std::vector<std::string>& instance_nodes) {
  v1::NodesPlanned* planned = Record("the nodes that hold an instance, the DC last").mutable_nodes_planned();
  planned->mutable_nodes()->Assign(nodes.begin(), nodes.end());
  planned->mutable_instance_nodes()->Assign(instance_nodes.begin(), instance_nodes.end());
}

void Desk::Enter(const std::string& node, v1::NodeStep step, const std::string& why) {
  v1::StepEntered* entered = Record(why).mutable_step_entered();
  entered->set_node(node);
  entered->set_step(step);
  entered->set_remark(why);
}

void Desk::Reach(const std::string& node, v1::NodeStep step, const std::string& instance_went_to) {
  v1::MilestoneReached* reached = Record("observed").mutable_milestone_reached();
  reached->set_node(node);
  reached->set_step(step);
  reached->set_instance_went_to(instance_went_to);
}

void Desk::EndNode(const v1::NodeReport& report) {
  *Record(report.problem()).mutable_node_ended()->mutable_report() = report;
}

void Desk::EndAction(const IssuedAction& action, const v1::ActionResult& result, bool unanswered) {
  v1::ActionEnded* ended = Record(result.message()).mutable_action_ended();
  ended->set_node(action.node);
  *ended->mutable_result() = result;
  ended->set_unanswered(unanswered);
}

void Desk::TakeBaseline(const std::string& node, const v1::AuditBaseline& baseline) {
  v1::AuditBaselineTaken* taken = Record("for the audits").mutable_audit_baseline_taken();
  taken->set_node(node);
  *taken->mutable_baseline() = baseline;
}

void Desk::Predict(const std::string& node, const v1::PredictedTransition& predicted) {
  v1::TransitionPredicted* record = Record("crm_simulate").mutable_transition_predicted();
  record->set_node(node);
  *record->mutable_predicted() = predicted;
}

void Desk::BeginAudit() { Record("every visit is over").mutable_audit_began(); }

void Desk::EndAudit(const v1::AuditEnded& audit) { *Record("").mutable_audit_ended() = audit; }

void Desk::Stop(v1::StopRequested::Cause cause, const std::string& reason) {
  v1::StopRequested* stop = Record(reason).mutable_stop_requested();
  stop->set_cause(cause);
  stop->set_reason(reason);
}

void Desk::Pause(const std::string& by) { Record(by).mutable_operation_paused()->set_by(by); }

void Desk::Continue(const std::string& by) { Record(by).mutable_operation_continued()->set_by(by); }

void Desk::EndOperation(const v1::OperationEnded& end) { *Record(end.reason()).mutable_operation_ended() = end; }

void Desk::Act(const std::string& host, const std::string& node, const std::string& purpose, const v1::Action& kind,
               absl::Duration timeout) {
  Issue(host, node, purpose, kind, timeout, /*undo=*/false);
}

void Desk::Undo(const std::string& host, const std::string& node, const std::string& purpose, const v1::Action& kind,
                absl::Duration timeout) {
  Issue(host, node, purpose, kind, timeout, /*undo=*/true);
}

void Desk::Issue(const std::string& host, const std::string& node, const std::string& purpose, v1::Action action,
                 absl::Duration timeout, bool undo) {
  // With the epoch: an undo that went out while the journal was full is not known after a restart, and its id must not
  // be used again, since agents answer an id that they have done without doing it.
  action.set_id(absl::StrCat(purpose, "/", view.epoch, ".", op.Attempts(purpose).size() + 1));
  action.set_epoch(view.epoch);
  action.set_operation_id(op.id);
  *action.mutable_timeout() = ToProto(timeout);
  if (!undo) *action.mutable_not_after() = ToProto(now + kActWindow);
  v1::ActionIssued* issued = Record(undo ? "undo" : "act").mutable_action_issued();
  issued->set_host(host);
  issued->set_node(node);
  *issued->mutable_action() = action;
  issued->set_undo(undo);
  decision_.actions.push_back({host, std::move(action), undo});
}

void Desk::Ask(const HostView& host, Fact fact, absl::Duration age, absl::Time since) {
  const absl::Time fresh = FreshnessOf(host.fresh, fact);
  if (fresh >= since && now - fresh < age) {
    WakeAt(fresh + age);
    return;
  }
  // The answer wakes the operation; this is for a request that gets lost.
  WakeAt(now + age);
  ObserveHost ask;
  ask.host = host.host;
  ask.cluster = fact == Fact::kCluster;
  ask.cib = fact == Fact::kCib;
  ask.units = fact == Fact::kUnits;
  ask.http = fact == Fact::kHttp;
  ask.lb_servers = fact == Fact::kLbServers;
  decision_.observe.push_back(std::move(ask));
}

void Desk::AskAllNodes(Fact fact, absl::Duration age, absl::Time since) {
  for (const auto& [name, host] : view.nodes) {
    if (host.connected) Ask(host, fact, age, since);
  }
}

void Desk::Traffic(TrafficCommand::Kind kind, const std::string& window) {
  decision_.traffic.push_back({kind, window});
}

void Desk::WakeAt(absl::Time time) {
  if (time <= now) return;
  decision_.wake_at = decision_.wake_at.has_value() ? std::min(*decision_.wake_at, time) : time;
}

}  // namespace jettyfleet
