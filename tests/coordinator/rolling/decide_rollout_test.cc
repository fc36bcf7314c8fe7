// Decisions of rollouts: what they add to the visits of a drill.
#include "common/proto_time.h"
#include "coordinator/rolling/decide.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

constexpr char kDigest[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kSwitch[] = "d-1/node-01/switch/7.1";
// The staging's records stand before the visit's: everything is later than in a drill.
constexpr absl::Duration kLater = absl::Seconds(40);
constexpr absl::Duration kJustNow = absl::Seconds(39);

using Records = std::vector<v1::JournalRecord>;

Records With(Records records, const Records& more) {
  records.insert(records.end(), more.begin(), more.end());
  return records;
}

v1::RolloutSpec* RolloutOf(Records* records) {
  v1::DrillSpec* const spec = (*records)[0].mutable_operation_began()->mutable_spec();
  spec->set_scenario(v1::SCENARIO_ROLLOUT);
  *spec->mutable_step_deadline() = ToProto(absl::Minutes(3));
  return spec->mutable_rollout();
}

void SetSpec(Records* records) {
  v1::RolloutSpec* const rollout = RolloutOf(records);
  rollout->set_name("app");
  rollout->set_version("2");
  rollout->set_sha256(kDigest);
  rollout->set_size(1000);
  rollout->set_target("/srv/app.war");
  *rollout->mutable_bake() = ToProto(absl::Seconds(10));
}

std::string StageId(const std::string& node) { return "d-1/" + node + "/stage/7.1"; }

v1::JournalRecord Staging(const std::string& node, absl::Duration at = absl::Seconds(3)) {
  v1::Action action;
  action.mutable_stage_archive()->set_sha256(kDigest);
  return Issued(StageId(node), node, node, action, false, Noon() + at);
}

v1::JournalRecord CannotStage(const std::string& why) {
  v1::JournalRecord record = EndedWith(StageId("node-01"), v1::ActionResult::OUTCOME_FAILED);
  record.mutable_action_ended()->mutable_result()->set_message(why);
  return record;
}

// Planned, with the lock, and nothing staged.
Records PlannedOnly() {
  Records records = Visiting(v1::NODE_STEP_GATE);
  records.pop_back();
  SetSpec(&records);
  return records;
}

Records AllStaged() {
  Records records = PlannedOnly();
  for (const char* node : {"node-01", "node-02", "node-03"}) {
    records.push_back(Staging(node));
    records.push_back(EndedWith(StageId(node), v1::ActionResult::OUTCOME_DONE));
  }
  return records;
}

// At that step of node-01, everything being staged.
Records At(v1::NodeStep step) {
  const Records visit = Visiting(step);
  return With(AllStaged(), Records(visit.begin() + 4, visit.end()));
}

Records Gone() { return With(At(v1::NODE_STEP_LEAVE), {Reached("node-01", v1::NODE_STEP_LEAVE)}); }

v1::JournalRecord Switching() {
  v1::Action action;
  action.mutable_switch_archive()->set_sha256(kDigest);
  return Issued(kSwitch, "node-01", "node-01", action, false, Noon() + absl::Seconds(25));
}

v1::JournalRecord SwitchedTo(const std::string& sha256) {
  v1::JournalRecord record = EndedWith(kSwitch, v1::ActionResult::OUTCOME_DONE);
  record.mutable_action_ended()->mutable_result()->mutable_archive()->set_in_place_sha256(sha256);
  return record;
}

Records Switched() { return With(Gone(), {Switching(), SwitchedTo(kDigest)}); }

// Back as far as its port.
Records Bound() {
  return With(Switched(),
              {Entered("node-01", v1::NODE_STEP_RESTORE), Entered("node-01", v1::NODE_STEP_CLUSTER_START),
               Reached("node-01", v1::NODE_STEP_CLUSTER_START), Reached("node-01", v1::NODE_STEP_CLUSTER_IDLE),
               Reached("node-01", v1::NODE_STEP_UNIT_ACTIVE), Reached("node-01", v1::NODE_STEP_PORT_BOUND),
               Entered("node-01", v1::NODE_STEP_HTTP_READY)});
}

// Its visit ended 11 s after noon.
Records Visited() {
  v1::JournalRecord ended;
  ended.mutable_node_ended()->mutable_report()->set_node("node-01");
  return With(At(v1::NODE_STEP_GATE), {ended});
}

// Its answers took 50 ms then.
Records VisitedWithin(uint32_t slower_percent) {
  Records records = Visited();
  records[0].mutable_operation_began()->mutable_spec()->mutable_budget()->set_slower_percent(slower_percent);
  v1::NodeReport* const report = records.back().mutable_node_ended()->mutable_report();
  v1::NodeLatency& latency = (*report->mutable_baseline()->mutable_by_node())["node-01"];
  latency.set_answers(80);
  latency.set_p50_us(50'000);
  return records;
}

Records Restarting(Records records) {
  RolloutOf(&records)->Clear();
  RolloutOf(&records)->set_restart_only(true);
  return records;
}

Records WithCanary(Records records, const std::string& node) {
  RolloutOf(&records)->add_canary_nodes(node);
  return records;
}

void Tell(ClusterView* view, const std::string& version) {
  view->description.mutable_resources(0)->mutable_health()->set_version("version (.*)");
  view->nodes["node-01"].report.mutable_http(0)->set_version(version);
}

void TakeInstance(ClusterView* view, int instance) {
  Dc(view)->mutable_instances(instance)->set_role("Stopped");
  Dc(view)->mutable_instances(instance)->clear_nodes();
}

std::vector<DecideCase> Rollouts() {
  const auto nothing = [](ClusterView*) {};
  const auto slow = [](ClusterView* v) {
    v1::NodeLatency& latency = (*v->traffic.windows["node-01/bake"].mutable_by_node())["node-01"];
    latency.set_answers(160);
    latency.set_p50_us(100'000);
  };
  Records unplanned = PlannedOnly();
  unplanned.pop_back();
  Records short_hold = Gone();
  for (v1::JournalRecord& record : short_hold) {
    if (!record.action_issued().action().has_evict_node()) continue;
    record.mutable_action_issued()->mutable_action()->mutable_evict_node()->mutable_duration()->set_seconds(40);
  }
  return {
      {"a_spare_would_run_the_old_one", unplanned, [](ClusterView* v) { TakeInstance(v, 2); }, kLater,
       "stop GATE: node node-03 holds no instance, and would take one over with the archive of before: give every "
       "described node an instance, or describe only those that have one\n"},
      {"a_canary_that_is_none", WithCanary(unplanned, "node-09"), nothing, kLater,
       "stop GATE: canary node-09 is none of the nodes that would be visited\n"},
      {"staged_before_the_first_visit", PlannedOnly(), nothing, kLater, "act d-1/node-01/stage/7.1 on node-01\n"},
      {"on_all_of_them_at_once", With(PlannedOnly(), {Staging("node-01", kJustNow)}), nothing, kLater,
       "act d-1/node-03/stage/7.1 on node-03\n"},
      {"and_waited_for",
       With(PlannedOnly(), {Staging("node-01", kJustNow), Staging("node-02", kJustNow), Staging("node-03", kJustNow)}),
       nothing, kLater, ""},
      {"what_cannot_be_staged_stops_it", With(PlannedOnly(), {Staging("node-01"), CannotStage("the disk is full")}),
       nothing, kLater, "stop ACTION_FAILED: the archive cannot be staged on node-01: the disk is full\n"},
      {"what_was_not_answered_is_staged_again",
       With(PlannedOnly(), {Staging("node-01"), Unanswered(StageId("node-01"))}), nothing, kLater,
       "act d-1/node-01/stage/7.2 on node-01\n"},
      {"then_the_first_node", AllStaged(), nothing, kLater, "enter node-01 GATE\n"},
      {"canaries_come_first", WithCanary(AllStaged(), "node-03"), nothing, kLater, "enter node-03 GATE\n"},
      {"even_the_dc", WithCanary(AllStaged(), "node-02"), nothing, kLater, "enter node-02 GATE\n"},
      {"a_restart_stages_nothing", Restarting(PlannedOnly()), nothing, kLater, "enter node-01 GATE\n"},

      {"not_changed_before_it_is_gone", At(v1::NODE_STEP_LEAVE), Leave, kLater, "reach LEAVE\n"},
      {"nor_while_too_few_others_serve", Gone(),
       [](ClusterView* v) {
         Leave(v);
         for (const char* node : {"node-02", "node-03"}) v->nodes[node].fresh.http = Noon();
       },
       kLater, ""},
      {"changed_while_it_is_gone", Gone(), Leave, kLater, "act d-1/node-01/switch/7.1 on node-01\n"},
      {"its_answer_is_waited_for", With(Gone(), {Switching()}), Leave, kLater, ""},
      {"then_it_is_given_back", Switched(), Leave, kLater, "enter node-01 RESTORE\n"},
      {"not_with_another_content", With(Gone(), {Switching(), SwitchedTo(std::string(64, '0'))}), Leave, kLater, ""},
      {"a_lost_answer_is_asked_for_again", With(Gone(), {Switching(), Unanswered(kSwitch)}), Leave, kLater,
       "act d-1/node-01/switch/7.2 on node-01\n"},
      {"a_refusal_stops_it", With(Gone(), {Switching(), EndedWith(kSwitch, v1::ActionResult::OUTCOME_REFUSED)}), Leave,
       kLater, "stop ACTION_FAILED: action d-1/node-01/switch/7.1 on node-01: OUTCOME_REFUSED \n"},
      {"not_shortly_before_the_leases_end", short_hold, Leave, absl::Seconds(44),
       "stop DEADLINE: too little of the lease is left to change the archive on node-01; use a longer lease\n"},
      {"a_restart_changes_nothing", Restarting(Gone()), Leave, kLater, "enter node-01 RESTORE\n"},
      {"nothing_is_given_back_under_a_switch",
       With(Gone(),
            {Switching(), Stopped(v1::StopRequested::CAUSE_OPERATOR), Entered("node-01", v1::NODE_STEP_RESTORE)}),
       Leave, kLater, ""},
      {"but_after_it",
       With(Switched(), {Stopped(v1::StopRequested::CAUSE_OPERATOR), Entered("node-01", v1::NODE_STEP_RESTORE)}), Leave,
       kLater, "enter node-01 CLUSTER_START\n"},

      {"the_old_version_is_not_ready", Bound(), [](ClusterView* v) { Tell(v, "1"); }, kLater, ""},
      {"nor_is_one_that_is_not_told", Bound(), [](ClusterView* v) { Tell(v, ""); }, kLater, ""},
      {"the_new_one_is", Bound(), [](ClusterView* v) { Tell(v, "2"); }, kLater, "reach HTTP_READY\n"},
      {"where_no_version_is_told_health_has_to_do", Bound(), nothing, kLater, "reach HTTP_READY\n"},
      {"a_restart_asks_for_no_version", Restarting(Bound()), [](ClusterView* v) { Tell(v, "1"); }, kLater,
       "reach HTTP_READY\n"},

      {"watched_after_each_node", Visited(), nothing, absl::Seconds(20), ""},
      {"and_stopped_when_it_fails_then", Visited(),
       [](ClusterView* v) { v->nodes["node-01"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO); },
       absl::Seconds(20), "stop CLUSTER: node node-01 no longer answered as described while it was watched\n"},
      {"or_falls_back_to_another_version", Visited(), [](ClusterView* v) { Tell(v, "1"); }, absl::Seconds(20),
       "stop CLUSTER: node node-01 no longer answered as described while it was watched\n"},
      {"or_when_it_is_slower_than_before", VisitedWithin(50), slow, absl::Seconds(30),
       "stop BUDGET: half of the answers of node-01 take longer than 100.0 ms now, it was 50.0 ms before, the budget "
       "is 75.0 ms\n"},
      {"or_as_slow_as_was_allowed", VisitedWithin(100), slow, absl::Seconds(30), "enter node-03 GATE\n"},
      {"its_traffic_begins_again_after_a_restart", Visited(),
       [](ClusterView* v) { v->description.mutable_traffic()->set_url("http://lb-01/"); }, absl::Seconds(20),
       "traffic start\ntraffic node-01/bake\n"},
      {"then_the_next", Visited(), nothing, absl::Seconds(30), "enter node-03 GATE\n"},
  };
}

class DecideRollout : public testing::TestWithParam<DecideCase> {};
TEST_P(DecideRollout, AsTheCaseSays) { ExpectDecision(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Rollouts, DecideRollout, testing::ValuesIn(Rollouts()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(DecideRolloutTest, WhatTheAgentsAreTold) {
  const auto decide = [](const Records& records, void (*bend)(ClusterView*)) {
    ClusterView view = HealthyView(Noon() + kLater);
    bend(&view);
    const Decision decision = Decide(OperationFrom(records, Noon()), view, Noon() + kLater);
    EXPECT_EQ(decision.actions.size(), 1u);
    return decision.actions.at(0).action;
  };
  const v1::StageArchive stage = decide(PlannedOnly(), [](ClusterView*) {}).stage_archive();
  EXPECT_EQ(stage.target(), "/srv/app.war");
  EXPECT_EQ(stage.sha256(), kDigest);
  EXPECT_EQ(stage.size(), 1000u);
  EXPECT_EQ(stage.keep(), 3u);
  const v1::SwitchArchive change = decide(Gone(), Leave).switch_archive();
  EXPECT_EQ(change.target(), "/srv/app.war");
  EXPECT_EQ(change.sha256(), kDigest);
  EXPECT_EQ(change.unit(), "jetty9");
  // The hold was asked for at 14 s, for 80 s: less the clocks' tolerance, and a reserve.
  EXPECT_EQ(FromProto(change.before()), Noon() + absl::Seconds(14 + 80 - 3 - 5));
}

TEST(DecideRolloutTest, WhatIsOnlyStagedWasNotTouched) {
  EXPECT_FALSE(OperationFrom(AllStaged(), Noon()).Touched());
  EXPECT_TRUE(OperationFrom(At(v1::NODE_STEP_MAINT), Noon()).Touched());
  EXPECT_FALSE(OperationFrom(At(v1::NODE_STEP_MAINT), Noon()).Touched("node-03"));
}

}  // namespace
}  // namespace jettyfleet
