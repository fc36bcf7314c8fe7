// What stops an operation, and what a stopped one does first.
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

// A failed visit is over, and the lock's release was told 21 s after noon.
std::vector<v1::JournalRecord> Releasing() {
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_BASELINE);
  records.push_back(Stopped(v1::StopRequested::CAUSE_CLUSTER));
  v1::JournalRecord ended;
  ended.mutable_node_ended()->mutable_report()->set_node("node-01");
  records.push_back(ended);
  v1::Action release;
  release.mutable_release_lock()->set_holder("uuid-1");
  records.push_back(Issued("d-1/lock/release/7.1", "node-02", "", release, true, Noon() + absl::Seconds(21)));
  return records;
}

std::vector<DecideCase> Stopping() {
  const auto leaving = Visiting(v1::NODE_STEP_LEAVE);
  const auto stopped = [leaving](v1::StopRequested::Cause cause) {
    auto records = leaving;
    records.push_back(Stopped(cause));
    return records;
  };
  const auto add_failure = [](ClusterView* v) {
    Leave(v);
    v1::FailureFact* failure = Dc(v)->add_failures();
    failure->set_resource("web");
    failure->set_operation("start");
    failure->set_node("node-03");
  };
  return {
      {"the_operator", leaving,
       [](ClusterView* v) {
         Leave(v);
         v->abort_requests["d-1"] = "alice: enough";
       },
       kNow, "stop OPERATOR: aborted by alice: enough\n"},
      {"the_budget", leaving,
       [](ClusterView* v) {
         Leave(v);
         v->traffic.windows[""].set_failures(1);
       },
       kNow, "stop BUDGET: 1 requests failed, the budget is 0\n"},
      {"quorum_lost", leaving,
       [](ClusterView* v) {
         Leave(v);
         v->nodes["node-03"].report.mutable_cluster()->mutable_quorum()->set_quorate(v1::ANSWER_NO);
       },
       kNow, "stop CLUSTER: node node-03 has lost quorum\n"},
      {"a_node_went", leaving,
       [](ClusterView* v) {
         Leave(v);
         Dc(v)->mutable_nodes(2)->set_online(false);
       },
       kNow, "stop CLUSTER: node node-03 went offline\n"},
      {"the_visited_node_went", leaving,
       [](ClusterView* v) {
         Leave(v);
         Dc(v)->mutable_nodes(0)->set_online(false);
       },
       kNow, "stop CLUSTER: node node-01 went offline\n"},
      {"our_own_standby_is_none", leaving,
       [](ClusterView* v) {
         Leave(v);
         Dc(v)->mutable_nodes(0)->set_standby(true);
       },
       kNow, "reach LEAVE\n"},
      {"somebody_elses_standby", leaving,
       [](ClusterView* v) {
         Leave(v);
         Dc(v)->mutable_nodes(2)->set_standby(true);
       },
       kNow, "stop CLUSTER: node node-03 was put into standby\n"},
      {"a_failed_action_of_the_cluster", leaving, add_failure, kNow,
       "stop CLUSTER: action start of web failed on node-03\n"},
      {"the_others_stopped_serving", leaving,
       [](ClusterView* v) {
         Leave(v);
         for (const char* node : {"node-02", "node-03"}) {
           v->nodes[node].report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
         }
       },
       kNow, "stop CLUSTER: only 0 other instances serve, min_serving is 1\n"},
      {"not_knowing_is_no_reason_yet", leaving,
       [](ClusterView* v) {
         Leave(v);
         for (auto& [name, host] : v->nodes) host.connected = false;
       },
       kNow, ""},
      {"but_the_steps_deadline_is", leaving,
       [](ClusterView* v) {
         Leave(v);
         for (auto& [name, host] : v->nodes) host.connected = false;
       },
       absl::Seconds(73),
       "stop DEADLINE: node node-01: its instance was not seen to leave, with enough others serving, in 1m\n"},
      {"a_refused_act",
       [] {
         auto records = Visiting(v1::NODE_STEP_ACT);
         records.push_back(Issued(kAct, "node-02", "node-01", EvictAction("node-01", absl::Seconds(80)), false,
                                  Noon() + absl::Seconds(14)));
         v1::JournalRecord ended = EndedWith(kAct, v1::ActionResult::OUTCOME_REFUSED);
         ended.mutable_action_ended()->mutable_result()->set_message("no quorum");
         records.push_back(ended);
         return records;
       }(),
       [](ClusterView* v) { Put(v, v1::LbServerFact::ADMIN_STATE_MAINT, 0); }, kNow,
       "stop ACTION_FAILED: action d-1/node-01/act/7.1 on node-02: OUTCOME_REFUSED no quorum\n"},
      {"then_it_restores", stopped(v1::StopRequested::CAUSE_OPERATOR), Leave, kNow, "enter node-01 RESTORE\n"},
      {"the_rule_first",
       [stopped] {
         auto records = stopped(v1::StopRequested::CAUSE_OPERATOR);
         records.push_back(Entered("node-01", v1::NODE_STEP_RESTORE));
         return records;
       }(),
       [](ClusterView* v) {
         Leave(v);
         v->nodes["node-02"].fresh.cib = Noon();
       },
       absl::Seconds(21), "undo d-1/node-01/restore/7.1 on node-02\n"},
      {"without_quorum_the_servers_do_not_wait_for_ever",
       [stopped] {
         auto records = stopped(v1::StopRequested::CAUSE_CLUSTER);
         records.push_back(Entered("node-01", v1::NODE_STEP_RESTORE));
         return records;
       }(),
       [](ClusterView* v) {
         Leave(v);
         InEveryView(v, [](v1::ClusterFact* fact) { fact->set_dc_with_quorum(v1::ANSWER_NO); });
       },
       absl::Seconds(80), "undo d-1/node-01/ready-lb/7.1 on lb-01\n"},
      {"a_rule_that_came_back_is_removed_before_the_lock_is_released",
       [stopped] {
         auto records = stopped(v1::StopRequested::CAUSE_CLUSTER);
         v1::JournalRecord ended;
         ended.mutable_node_ended()->mutable_report()->set_node("node-01");
         records.push_back(ended);
         return records;
       }(),
       [](ClusterView* v) {
         v1::CibEntryFact* rule = v->nodes["node-02"].report.mutable_cib()->add_ours();
         rule->set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
         rule->set_id("jettyfleet-d-1-node-01");
       },
       absl::Seconds(21), "undo d-1/node-01/restore/7.1 on node-02\n"},
      {"then_the_lock_is_released",
       [stopped] {
         auto records = stopped(v1::StopRequested::CAUSE_CLUSTER);
         v1::JournalRecord ended;
         ended.mutable_node_ended()->mutable_report()->set_node("node-01");
         records.push_back(ended);
         return records;
       }(),
       [](ClusterView*) {}, absl::Seconds(21), "undo d-1/lock/release/7.1 on node-02\n"},
      {"whose_answer_is_waited_for", Releasing(), [](ClusterView*) {}, absl::Seconds(25), ""},
      {"unless_it_was_lost_with_its_stream", Releasing(),
       [](ClusterView* v) { v->nodes["node-02"].connected_at = Noon() + absl::Seconds(22); }, absl::Seconds(25),
       "undo d-1/lock/release/7.2 on node-02\n"},
      {"an_untouched_node_just_ends",
       [] {
         auto records = Visiting(v1::NODE_STEP_BASELINE);
         records.push_back(Stopped(v1::StopRequested::CAUSE_GATE));
         return records;
       }(),
       [](ClusterView*) {}, kNow, "node ended\ntraffic \n"},
  };
}

class StopDecides : public testing::TestWithParam<DecideCase> {};

TEST_P(StopDecides, Next) { ExpectDecision(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, StopDecides, testing::ValuesIn(Stopping()),
                         [](const testing::TestParamInfo<DecideCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
