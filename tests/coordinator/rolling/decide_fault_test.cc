// Decisions of drills that hit a node without warning.
#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

constexpr char kFault[] = "jettyfleet-d-1-node-01-fault";
constexpr char kUndo[] = "d-1/node-01/undo/7.1";
constexpr char kCleanup[] = "d-1/node-01/cleanup-web/7.1";

v1::Action FaultAction(v1::Scenario scenario) {
  v1::Action action;
  if (scenario == v1::SCENARIO_UNIT_KILL) {
    action.mutable_kill_unit()->set_unit("jetty9");
  } else {
    action.mutable_freeze_unit()->set_lease_id(kFault);
    action.mutable_freeze_unit()->set_unit("jetty9");
    action.mutable_freeze_unit()->mutable_duration()->set_seconds(120);
  }
  return action;
}

// Node-01 is at `step` of a drill of that scenario.
std::vector<v1::JournalRecord> Hit(v1::Scenario scenario, v1::NodeStep step) {
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_BASELINE);
  records[0].mutable_operation_began()->mutable_spec()->set_scenario(scenario);
  const auto add = [&records](std::vector<v1::JournalRecord> more) {
    records.insert(records.end(), more.begin(), more.end());
  };
  if (step >= v1::NODE_STEP_ACT) add({Entered("node-01", v1::NODE_STEP_ACT)});
  if (step >= v1::NODE_STEP_LEAVE) {
    add({Issued(kAct, "node-01", "node-01", FaultAction(scenario), false, Noon() + absl::Seconds(7)),
         EndedWith(kAct, v1::ActionResult::OUTCOME_DONE), Entered("node-01", v1::NODE_STEP_LEAVE)});
  }
  if (step >= v1::NODE_STEP_RESTORE) {
    add({Reached("node-01", v1::NODE_STEP_LEAVE), Entered("node-01", v1::NODE_STEP_RESTORE)});
  }
  return records;
}

std::vector<v1::JournalRecord> With(std::vector<v1::JournalRecord> records, std::vector<v1::JournalRecord> more) {
  records.insert(records.end(), more.begin(), more.end());
  return records;
}

void HoldFault(ClusterView* view) {
  v1::LeaseFact* const lease = view->nodes["node-01"].report.add_leases();
  lease->set_id(kFault);
  lease->set_operation_id("d-1");
  lease->set_kind("unit-freeze");
}
void BeDeaf(ClusterView* view) { view->nodes["node-01"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO); }
void BeDead(ClusterView* view) {
  view->nodes["node-01"].report.mutable_units(0)->set_active_state("failed");
  BeDeaf(view);
}
void Fail(ClusterView* view, const std::string& node) {
  v1::FailureFact* const failure = Dc(view)->add_failures();
  failure->set_resource("web");
  failure->set_node(node);
  failure->set_operation("monitor");
}
// All of the return was seen.
std::vector<v1::JournalRecord> Returned() {
  std::vector<v1::JournalRecord> records = Hit(v1::SCENARIO_UNIT_KILL, v1::NODE_STEP_RESTORE);
  for (const v1::NodeStep step : {v1::NODE_STEP_CLUSTER_START, v1::NODE_STEP_UNIT_ACTIVE, v1::NODE_STEP_PORT_BOUND,
                                  v1::NODE_STEP_HTTP_READY, v1::NODE_STEP_LB_READY}) {
    records.push_back(Reached("node-01", step));
  }
  records.push_back(Reached("node-01", v1::NODE_STEP_NOTICED));
  records.push_back(Entered("node-01", v1::NODE_STEP_CLUSTER_IDLE));
  records.push_back(Reached("node-01", v1::NODE_STEP_CLUSTER_IDLE));
  return records;
}

std::vector<DecideCase> Faults() {
  constexpr auto kKill = v1::SCENARIO_UNIT_KILL;
  constexpr auto kFreeze = v1::SCENARIO_UNIT_FREEZE;
  const auto nothing = [](ClusterView*) {};
  return {
      {"nothing_is_drained_beforehand",
       [] {
         auto records = Hit(kKill, v1::NODE_STEP_BASELINE);
         records.push_back(BaselineTaken());
         records.push_back(PredictionTaken());
         return records;
       }(),
       [](ClusterView* v) {
         v->traffic.running = true;
         v->description.mutable_traffic()->set_url("http://lb-01/");
         v->traffic.windows["node-01/baseline"].set_requests(1);
       },
       kNow, "enter node-01 ACT\ntraffic node-01/visit\n"},
      {"the_node_itself_is_told", Hit(kKill, v1::NODE_STEP_ACT), nothing, kNow, "act d-1/node-01/act/7.1 on node-01\n"},
      {"the_gate_is_asked_once_more", Hit(kFreeze, v1::NODE_STEP_ACT),
       [](ClusterView* v) { Dc(v)->mutable_nodes(2)->set_standby(true); }, kNow,
       "stop CLUSTER: node node-03 was put into standby\n"},
      {"a_fault_of_another_is_still_in_force", Hit(kFreeze, v1::NODE_STEP_ACT),
       [](ClusterView* v) {
         HoldFault(v);
         v->nodes["node-01"].report.mutable_leases(0)->set_operation_id("d-9");
         *v->nodes["node-01"].report.mutable_leases(0)->mutable_ends_at() = ToProto(Noon() + absl::Hours(1));
         v->nodes["node-01"].report.mutable_leases(0)->set_id("jettyfleet-x");
       },
       kNow,
       "stop GATE: the gate of node-01 said no: node node-01 still holds lease jettyfleet-x (unit-freeze of ); "
       "'jettyfleet restore c' ends it\n"},
      {"in_force_once_answered",
       With(Hit(kKill, v1::NODE_STEP_ACT),
            {Issued(kAct, "node-01", "node-01", FaultAction(kKill), false, Noon() + absl::Seconds(7)),
             EndedWith(kAct, v1::ActionResult::OUTCOME_DONE)}),
       nothing, kNow, "enter node-01 LEAVE\n"},
      {"a_refused_fault_stops_it",
       With(Hit(kKill, v1::NODE_STEP_ACT),
            {Issued(kAct, "node-01", "node-01", FaultAction(kKill), false, Noon() + absl::Seconds(7)),
             EndedWith(kAct, v1::ActionResult::OUTCOME_REFUSED)}),
       nothing, kNow, "stop ACTION_FAILED: action d-1/node-01/act/7.1 on node-01: OUTCOME_REFUSED \n"},
      {"a_killed_instance_is_seen_to_end", Hit(kKill, v1::NODE_STEP_LEAVE), BeDead, kNow, "reach LEAVE\n"},
      {"or_to_have_been_started_again_already", Hit(kKill, v1::NODE_STEP_LEAVE),
       [](ClusterView* v) {
         *v->nodes["node-01"].report.mutable_units(0)->mutable_active_since() = ToProto(Noon() + absl::Seconds(9));
       },
       kNow, "reach LEAVE\n"},
      {"one_that_runs_since_before_is_not_dead", Hit(kKill, v1::NODE_STEP_LEAVE),
       [](ClusterView* v) { *v->nodes["node-01"].report.mutable_units(0)->mutable_active_since() = ToProto(Noon()); },
       kNow, ""},
      {"a_frozen_one_is_seen_to_be_deaf", Hit(kFreeze, v1::NODE_STEP_LEAVE), BeDeaf, kNow, "reach LEAVE\n"},
      {"held_until_the_balancers_have_noticed",
       With(Hit(kFreeze, v1::NODE_STEP_LEAVE), {Reached("node-01", v1::NODE_STEP_LEAVE)}),
       [](ClusterView* v) {
         HoldFault(v);
         BeDeaf(v);
       },
       kNow, ""},
      {"and_no_longer", With(Hit(kFreeze, v1::NODE_STEP_LEAVE), {Reached("node-01", v1::NODE_STEP_LEAVE)}),
       [](ClusterView* v) {
         HoldFault(v);
         BeDeaf(v);
         Server(v, "node-01")->set_status("DOWN");
       },
       kNow, "enter node-01 RESTORE\n"},
      {"what_the_cluster_ends_is_not_held",
       With(Hit(kKill, v1::NODE_STEP_LEAVE), {Reached("node-01", v1::NODE_STEP_LEAVE)}), BeDead, kNow,
       "enter node-01 RESTORE\n"},
      {"a_lease_is_undone_on_its_node", Hit(kFreeze, v1::NODE_STEP_RESTORE),
       [](ClusterView* v) {
         HoldFault(v);
         BeDeaf(v);
       },
       kNow, "undo d-1/node-01/undo/7.1 on node-01\n"},
      {"and_has_to_be_seen_gone",
       With(Hit(kFreeze, v1::NODE_STEP_RESTORE), {Issued(
                                                      kUndo, "node-01", "node-01",
                                                      [] {
                                                        v1::Action undo;
                                                        undo.mutable_undo_fault()->set_lease_id(kFault);
                                                        return undo;
                                                      }(),
                                                      true, Noon() + absl::Seconds(12)),
                                                  EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE)}),
       nothing, kNow, "enter node-01 CLUSTER_START\n"},
      {"our_own_failure_does_not_stop_it", Hit(kKill, v1::NODE_STEP_RESTORE),
       [](ClusterView* v) {
         BeDead(v);
         Fail(v, "node-01");
       },
       kNow, "enter node-01 CLUSTER_START\n"},
      {"another_nodes_failure_does", Hit(kKill, v1::NODE_STEP_RESTORE), [](ClusterView* v) { Fail(v, "node-03"); },
       kNow, "stop CLUSTER: action monitor of web failed on node-03\n"},
      {"of_a_frozen_node_no_failure_is_ours", Hit(kFreeze, v1::NODE_STEP_LEAVE),
       [](ClusterView* v) { Fail(v, "node-01"); }, kNow, "stop CLUSTER: action monitor of web failed on node-01\n"},
      {"our_failure_is_cleaned_up_at_the_end", Returned(), [](ClusterView* v) { Fail(v, "node-01"); }, kNow,
       "act d-1/node-01/cleanup-web/7.1 on node-02\n"},
      {"then_it_is_audited",
       With(Returned(), {Issued(
                             kCleanup, "node-02", "node-01",
                             [] {
                               v1::Action cleanup;
                               cleanup.mutable_cleanup_resource()->set_resource("web");
                               cleanup.mutable_cleanup_resource()->set_node("node-01");
                               return cleanup;
                             }(),
                             false, Noon() + absl::Seconds(18)),
                         EndedWith(kCleanup, v1::ActionResult::OUTCOME_DONE)}),
       nothing, absl::Seconds(30), "enter node-01 AUDIT\n"},
  };
}

class DecideFault : public testing::TestWithParam<DecideCase> {};
TEST_P(DecideFault, AsTheCaseSays) { ExpectDecision(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faults, DecideFault, testing::ValuesIn(Faults()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
