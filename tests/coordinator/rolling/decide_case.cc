#include "tests/coordinator/rolling/decide_case.h"

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/audit/baseline.h"
#include "coordinator/rolling/decide.h"

namespace jettyfleet {

std::string Show(const Decision& decision) {
  std::string text;
  for (const v1::JournalRecord& record : decision.records) {
    switch (record.kind_case()) {
      case v1::JournalRecord::kStepEntered:
        absl::StrAppend(&text, "enter ", record.step_entered().node(), " ",
                        v1::NodeStep_Name(record.step_entered().step()).substr(10), "\n");
        break;
      case v1::JournalRecord::kMilestoneReached:
        absl::StrAppend(&text, "reach ", v1::NodeStep_Name(record.milestone_reached().step()).substr(10),
                        record.milestone_reached().instance_went_to().empty() ? "" : " on ",
                        record.milestone_reached().instance_went_to(), "\n");
        break;
      case v1::JournalRecord::kActionIssued:
        absl::StrAppend(&text, record.action_issued().undo() ? "undo " : "act ", record.action_issued().action().id(),
                        " on ", record.action_issued().host(), "\n");
        break;
      case v1::JournalRecord::kActionEnded:
        absl::StrAppend(&text, "ended ", record.action_ended().result().action_id(),
                        record.action_ended().unanswered() ? " unanswered" : "", "\n");
        break;
      case v1::JournalRecord::kStopRequested:
        absl::StrAppend(&text, "stop ", v1::StopRequested::Cause_Name(record.stop_requested().cause()).substr(6), ": ",
                        record.stop_requested().reason(), "\n");
        break;
      case v1::JournalRecord::kOperationPaused:
        absl::StrAppend(&text, "pause by ", record.operation_paused().by(), "\n");
        break;
      case v1::JournalRecord::kOperationContinued:
        absl::StrAppend(&text, "continue by ", record.operation_continued().by(), "\n");
        break;
      case v1::JournalRecord::kNodesPlanned:
        absl::StrAppend(&text, "plan\n");
        break;
      case v1::JournalRecord::kAuditBaselineTaken:
        absl::StrAppend(&text, "baseline of ", record.audit_baseline_taken().node(), "\n");
        break;
      case v1::JournalRecord::kTransitionPredicted:
        absl::StrAppend(&text, "prediction for ", record.transition_predicted().node(), "\n");
        break;
      case v1::JournalRecord::kAuditBegan:
        absl::StrAppend(&text, "audit begins\n");
        break;
      case v1::JournalRecord::kAuditEnded: {
        const std::string& node = record.audit_ended().node();
        absl::StrAppend(&text, "audit of ", node.empty() ? "all" : node, " ended\n");
        break;
      }
      case v1::JournalRecord::kNodeEnded:
        absl::StrAppend(&text, "node ended\n");
        break;
      case v1::JournalRecord::kOperationEnded:
        absl::StrAppend(&text, v1::OperationState_Name(record.operation_ended().state()).substr(16), "\n");
        break;
      default:
        absl::StrAppend(&text, "?\n");
    }
  }
  for (const TrafficCommand& command : decision.traffic) {
    absl::StrAppend(&text, "traffic ", command.kind == TrafficCommand::kStart ? "start" : "",
                    command.kind == TrafficCommand::kStop ? "stop" : "", command.window, "\n");
  }
  return text;
}

v1::JournalRecord LockIssued() { return Issued(kLock, "node-02", "", LockAction(), false, Noon()); }

std::vector<v1::JournalRecord> Visiting(v1::NodeStep step) {
  std::vector<v1::JournalRecord> records = {Began(), LockIssued(), EndedWith(kLock, v1::ActionResult::OUTCOME_DONE),
                                            Planned({"node-01", "node-03", "node-02"}),
                                            Entered("node-01", v1::NODE_STEP_GATE)};
  const auto add = [&records](std::vector<v1::JournalRecord> more) {
    records.insert(records.end(), more.begin(), more.end());
  };
  if (step >= v1::NODE_STEP_BASELINE) add({Entered("node-01", v1::NODE_STEP_BASELINE)});
  if (step >= v1::NODE_STEP_DRAIN) add({Entered("node-01", v1::NODE_STEP_DRAIN)});
  if (step >= v1::NODE_STEP_MAINT) {
    add({Issued(kDrain, "lb-01", "node-01", ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                Noon() + absl::Seconds(7)),
         EndedWith(kDrain, v1::ActionResult::OUTCOME_DONE), Entered("node-01", v1::NODE_STEP_MAINT)});
  }
  if (step >= v1::NODE_STEP_ACT) {
    add({Issued(kMaint, "lb-01", "node-01", ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_MAINT), false,
                Noon() + absl::Seconds(10)),
         EndedWith(kMaint, v1::ActionResult::OUTCOME_DONE), Reached("node-01", v1::NODE_STEP_MAINT),
         Entered("node-01", v1::NODE_STEP_ACT)});
  }
  if (step >= v1::NODE_STEP_LEAVE) {
    add({Issued(kAct, "node-02", "node-01", EvictAction("node-01", absl::Seconds(80)), false,
                Noon() + absl::Seconds(14)),
         EndedWith(kAct, v1::ActionResult::OUTCOME_DONE), Entered("node-01", v1::NODE_STEP_LEAVE)});
  }
  return records;
}

v1::JournalRecord BaselineTaken() {
  std::map<std::string, v1::Leftovers> leftovers;
  const ClusterView view = HealthyView();
  for (const auto& [name, host] : view.nodes) leftovers[name] = NothingLeft();
  const absl::StatusOr<v1::AuditBaseline> baseline = TakeAuditBaseline({view, Noon(), leftovers});
  EXPECT_TRUE(baseline.ok()) << baseline.status();
  v1::JournalRecord record;
  record.mutable_audit_baseline_taken()->set_node("node-01");
  if (baseline.ok()) *record.mutable_audit_baseline_taken()->mutable_baseline() = *baseline;
  return record;
}

v1::JournalRecord PredictionTaken() {
  v1::JournalRecord record;
  record.mutable_transition_predicted()->set_node("node-01");
  v1::PredictedTransition* const predicted = record.mutable_transition_predicted()->mutable_predicted();
  predicted->set_node("node-01");
  v1::PredictedOperation* const stop = predicted->add_operations();
  stop->set_task("stop");
  stop->set_resource("web");
  stop->set_node("node-01");
  v1::PredictedPlacement* const placement = predicted->add_placements();
  placement->set_resource("web");
  placement->add_nodes("node-02");
  placement->add_nodes("node-03");
  return record;
}

void Put(ClusterView* view, v1::LbServerFact::AdminState state, int sessions) {
  Server(view, "node-01")->set_admin_state(state);
  Server(view, "node-01")->set_current_sessions(sessions);
}

void Leave(ClusterView* view) {
  Put(view, v1::LbServerFact::ADMIN_STATE_MAINT, 0);
  Dc(view)->mutable_instances(0)->set_role("Stopped");
  Dc(view)->mutable_instances(0)->clear_nodes();
  view->nodes["node-01"].report.mutable_units(0)->set_active_state("inactive");
}

void ExpectDecision(const DecideCase& decide) {
  const absl::Time now = Noon() + decide.now;
  const Operation operation = OperationFrom(decide.records, Noon());
  ClusterView view = HealthyView(now);
  decide.bend(&view);
  const Decision decision = Decide(operation, view, now);
  EXPECT_EQ(Show(decision), decide.decides);
  // Equal inputs, equal outputs.
  EXPECT_EQ(Show(Decide(operation, view, now)), Show(decision));
  // Every action has its record, and a running operation is looked at again.
  for (const SendAction& sent : decision.actions) {
    bool recorded = false;
    for (const v1::JournalRecord& record : decision.records) {
      recorded = recorded || record.action_issued().action().id() == sent.action.id();
      EXPECT_EQ(sent.undo, !sent.action.has_not_after());
    }
    EXPECT_TRUE(recorded) << sent.action.id();
  }
  EXPECT_TRUE(!decision.records.empty() || decision.wake_at.has_value());
}

}  // namespace jettyfleet
