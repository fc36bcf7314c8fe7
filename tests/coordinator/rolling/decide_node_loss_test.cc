// Decisions of drills whose node may leave the cluster.
#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

constexpr char kMeans[] = "d-1/node-01/means/7.1";
constexpr char kFault[] = "jettyfleet-d-1-node-01-fault";

v1::FaultMeans AllMeans() {
  v1::FaultMeans means;
  means.mutable_packet_filter()->set_available(v1::ANSWER_YES);
  means.mutable_fencing()->set_available(v1::ANSWER_YES);
  means.mutable_starts_at_boot()->set_available(v1::ANSWER_YES);
  means.add_peers("10.0.0.2");
  return means;
}

v1::Action MeansAction() {
  v1::Action action;
  action.mutable_look_at_fault_means()->set_unit("jetty9");
  return action;
}

v1::Action FaultAction(v1::Scenario scenario) {
  v1::Action action;
  if (scenario == v1::SCENARIO_PEER_PARTITION) {
    action.mutable_partition_node()->set_lease_id(kFault);
    action.mutable_partition_node()->add_peers("10.0.0.2");
    action.mutable_partition_node()->mutable_duration()->set_seconds(120);
  } else if (scenario == v1::SCENARIO_DAEMON_KILL) {
    action.mutable_kill_daemon()->set_daemon(v1::KillDaemon::DAEMON_CONTROLD);
  } else {
    action.mutable_fence_node()->set_node("node-01");
  }
  return action;
}

using Records = std::vector<v1::JournalRecord>;

Records With(Records records, const Records& more) {
  records.insert(records.end(), more.begin(), more.end());
  return records;
}

Records Began(v1::Scenario scenario) {
  Records records = With(Visiting(v1::NODE_STEP_BASELINE), {Entered("node-01", v1::NODE_STEP_ACT)});
  v1::DrillSpec* const spec = records[0].mutable_operation_began()->mutable_spec();
  spec->set_scenario(scenario);
  spec->set_allow_fencing(true);
  if (scenario == v1::SCENARIO_DAEMON_KILL) spec->set_daemon(v1::KillDaemon::DAEMON_CONTROLD);
  return records;
}

Records AskedFor(v1::Scenario scenario, const v1::FaultMeans& means) {
  v1::JournalRecord told = EndedWith(kMeans, v1::ActionResult::OUTCOME_DONE);
  *told.mutable_action_ended()->mutable_result()->mutable_fault_means() = means;
  return With(Began(scenario),
              {Issued(kMeans, "node-01", "node-01", MeansAction(), false, Noon() + absl::Seconds(7)), told});
}

Records Acted(v1::Scenario scenario, v1::ActionResult::Outcome outcome) {
  const bool fences = scenario == v1::SCENARIO_NODE_CRASH;
  return With(AskedFor(scenario, AllMeans()), {Issued(kAct, fences ? "node-03" : "node-01", "node-01",
                                                      FaultAction(scenario), false, Noon() + absl::Seconds(8)),
                                               EndedWith(kAct, outcome)});
}

Records Left(v1::Scenario scenario, const Records& more = {}) {
  return With(With(Acted(scenario, v1::ActionResult::OUTCOME_DONE), {Entered("node-01", v1::NODE_STEP_LEAVE)}), more);
}

v1::ClusterNodeFact* Node01(ClusterView* view) {
  for (v1::ClusterNodeFact& node : *Dc(view)->mutable_nodes()) {
    if (node.name() == "node-01") return &node;
  }
  return nullptr;
}

void BeUnclean(ClusterView* view) {
  Node01(view)->set_online(false);
  Node01(view)->set_unclean(true);
}
void BeGone(ClusterView* view) {
  Node01(view)->set_online(false);
  view->nodes["node-01"].connected = false;
}

std::vector<DecideCase> Losses() {
  constexpr auto kCrash = v1::SCENARIO_NODE_CRASH;
  constexpr auto kCut = v1::SCENARIO_PEER_PARTITION;
  constexpr auto kDaemon = v1::SCENARIO_DAEMON_KILL;
  const auto nothing = [](ClusterView*) {};
  v1::FaultMeans no_boot = AllMeans();
  no_boot.mutable_starts_at_boot()->set_available(v1::ANSWER_NO);
  no_boot.mutable_starts_at_boot()->set_why("pacemaker is disabled");
  v1::FaultMeans unknown = AllMeans();
  unknown.mutable_fencing()->clear_available();
  unknown.mutable_fencing()->set_why("no answer");
  v1::FaultMeans no_peers = AllMeans();
  no_peers.clear_peers();
  no_peers.set_peers_error("no link");
  return {
      {"its_host_is_asked_first", Began(kCrash), nothing, kNow, "act d-1/node-01/means/7.1 on node-01\n"},
      {"daemons_that_stay_down_at_boot", AskedFor(kCrash, no_boot), nothing, kNow,
       "stop GATE: node node-01 cannot be hit so: its start at boot: pacemaker is disabled\n"},
      {"unknown_is_not_yes", AskedFor(kCrash, unknown), nothing, kNow,
       "stop GATE: node node-01 cannot be hit so: its fencing is not known: no answer\n"},
      {"a_partition_from_nobody", AskedFor(kCut, no_peers), nothing, kNow,
       "stop GATE: node node-01 cannot be hit so: its peers' addresses are not known: no link\n"},
      {"but_a_crash_needs_no_peers", AskedFor(kCrash, no_peers), nothing, kNow, "act d-1/node-01/act/7.1 on node-03\n"},
      {"fencing_is_asked_of_another_and_not_of_the_dc", AskedFor(kCrash, AllMeans()), nothing, kNow,
       "act d-1/node-01/act/7.1 on node-03\n"},
      {"of_the_dc_where_there_is_no_other", AskedFor(kCrash, AllMeans()),
       [](ClusterView* v) { v->nodes["node-03"].connected = false; }, kNow, ""},
      {"a_partition_is_the_nodes_own", AskedFor(kCut, AllMeans()), nothing, kNow,
       "act d-1/node-01/act/7.1 on node-01\n"},
      {"not_where_the_coordinator_runs", AskedFor(kCut, AllMeans()),
       [](ClusterView* v) { v->coordinator_node = "node-01"; }, kNow,
       "stop GATE: the gate of node-01 said no: the coordinator itself runs on node-01 and would go with it; leave it "
       "out with --node\n"},
      {"fencing_is_never_asked_twice", Acted(kCrash, v1::ActionResult::OUTCOME_TIMED_OUT), nothing, kNow,
       "enter node-01 LEAVE\n"},
      {"a_refused_fencing_stops_it", Acted(kCrash, v1::ActionResult::OUTCOME_REFUSED), nothing, kNow,
       "stop ACTION_FAILED: action d-1/node-01/act/7.1 on node-03: OUTCOME_REFUSED \n"},
      {"an_unclean_node_is_noticed_and_stops_nothing", Left(kCut), BeUnclean, kNow, "reach NOTICED\n"},
      {"but_it_is_not_gone_yet", Left(kCut, {Reached("node-01", v1::NODE_STEP_NOTICED)}), BeUnclean, kNow, ""},
      {"gone_once_fenced", Left(kCut, {Reached("node-01", v1::NODE_STEP_NOTICED)}), BeGone, kNow, "reach LEAVE\n"},
      {"another_dc_is_noted",
       With(Left(kCrash, {Reached("node-01", v1::NODE_STEP_NOTICED)}), {Reached("node-01", v1::NODE_STEP_IS_DC)}),
       BeGone, kNow, "reach NEW_DC\n"},
      {"it_is_given_back",
       Left(kCrash, {Reached("node-01", v1::NODE_STEP_NOTICED), Reached("node-01", v1::NODE_STEP_LEAVE)}), BeGone, kNow,
       "enter node-01 RESTORE\n"},
      {"another_nodes_loss_stops_it", Left(kCrash),
       [](ClusterView* v) {
         BeGone(v);
         for (v1::ClusterNodeFact& node : *Dc(v)->mutable_nodes()) {
           if (node.name() == "node-03") node.set_unclean(true);
         }
       },
       kNow, "stop CLUSTER: node node-03 is unclean\n"},
      {"a_daemons_death_takes_time_to_show", Left(kDaemon), nothing, absl::Seconds(21), ""},
      {"a_node_that_stays_whole_has_recovered_in_place", Left(kDaemon), nothing, absl::Seconds(40), "reach LEAVE\n"},
      {"one_that_does_not_has_not", Left(kDaemon, {Reached("node-01", v1::NODE_STEP_NOTICED)}), BeUnclean,
       absl::Seconds(40), ""},
      {"any_failure_there_is_ours", Left(kDaemon),
       [](ClusterView* v) {
         v1::FailureFact* const failure = Dc(v)->add_failures();
         failure->set_resource("switch");
         failure->set_node("node-01");
         failure->set_operation("monitor");
       },
       absl::Seconds(40), "reach LEAVE\n"},
  };
}

class DecideNodeLoss : public testing::TestWithParam<DecideCase> {};
TEST_P(DecideNodeLoss, AsTheCaseSays) { ExpectDecision(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Losses, DecideNodeLoss, testing::ValuesIn(Losses()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
