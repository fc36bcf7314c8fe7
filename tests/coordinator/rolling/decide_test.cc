// Single decisions, step by step. Whole drills stand in golden_test, all their disturbances in tests/simulation.
#include "coordinator/rolling/decide.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kNow = absl::Seconds(20);

// What a decision amounts to, as text: records, then what is sent, then traffic.
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
      case v1::JournalRecord::kNodesPlanned:
        absl::StrAppend(&text, "plan\n");
        break;
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

const char kLock[] = "d-1/lock/acquire/7.1";
const char kAct[] = "d-1/node-01/act/7.1";
const char kDrain[] = "d-1/node-01/drain-lb/7.1";
const char kMaint[] = "d-1/node-01/maint-lb/7.1";

v1::JournalRecord LockIssued() { return Issued(kLock, "node-02", "", LockAction(), false, Noon()); }

// An operation that has its lock and visits node-01, at `step`.
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

struct DecideCase {
  const char* name;
  std::vector<v1::JournalRecord> records;
  std::function<void(ClusterView*)> bend;
  absl::Duration now;
  std::string decides;
};

void PrintTo(const DecideCase& decide, std::ostream* out) { *out << decide.name; }

class Decides : public testing::TestWithParam<DecideCase> {};

TEST_P(Decides, Next) {
  const absl::Time now = Noon() + GetParam().now;
  const Operation operation = OperationFrom(GetParam().records, Noon());
  ClusterView view = HealthyView(now);
  GetParam().bend(&view);
  const Decision decision = Decide(operation, view, now);
  EXPECT_EQ(Show(decision), GetParam().decides);
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

std::vector<DecideCase> TakingOut() {
  const auto nothing = [](ClusterView*) {};
  const auto drained = [](ClusterView* v) { Put(v, v1::LbServerFact::ADMIN_STATE_DRAIN, 0); };
  const auto busy = [](ClusterView* v) { Put(v, v1::LbServerFact::ADMIN_STATE_DRAIN, 3); };
  const auto out = [](ClusterView* v) { Put(v, v1::LbServerFact::ADMIN_STATE_MAINT, 0); };
  return {
      {"takes_the_lock", {Began()}, nothing, kNow, "act d-1/lock/acquire/7.1 on node-02\n"},
      {"asks_no_agent_without_quorum",
       {Began()},
       [](ClusterView* v) { Dc(v)->set_dc_with_quorum(v1::ANSWER_NO); },
       kNow,
       ""},
      {"refuses_when_no_dc_appears",
       {Began()},
       [](ClusterView* v) { Dc(v)->set_dc_with_quorum(v1::ANSWER_NO); },
       absl::Seconds(30),
       "stop GATE: no DC with quorum was heard in 30s; see 'jettyfleet status' for which agents are connected\n"},
      {"waits_for_the_locks_answer", {Began(), LockIssued()}, nothing, kNow, ""},
      {"notes_the_locks_answer",
       {Began(), LockIssued()},
       [](ClusterView* v) { v->results[kLock].set_outcome(v1::ActionResult::OUTCOME_DONE); },
       kNow,
       "ended d-1/lock/acquire/7.1\n"},
      {"a_cut_off_agents_answer_is_none",
       {Began(), LockIssued()},
       [](ClusterView* v) { v->results[kLock].set_outcome(v1::ActionResult::OUTCOME_TIMED_OUT); },
       kNow,
       ""},
      {"gives_up_on_an_answer",
       {Began(), LockIssued()},
       nothing,
       absl::Seconds(28),
       "ended d-1/lock/acquire/7.1 unanswered\n"},
      {"an_unanswered_lock_that_stands_is_confirmed",
       {Began(), LockIssued(), Unanswered(kLock)},
       nothing,
       kNow,
       "act d-1/lock/renew/7.1 on node-02\n"},
      {"an_unanswered_lock_that_is_not_there_is_taken_again",
       {Began(), LockIssued(), Unanswered(kLock)},
       [](ClusterView* v) { v->nodes["node-02"].report.mutable_cib()->clear_ours(); },
       kNow,
       "act d-1/lock/acquire/7.2 on node-02\n"},
      {"plans", {Began(), LockIssued(), EndedWith(kLock, v1::ActionResult::OUTCOME_DONE)}, nothing, kNow, "plan\n"},
      {"begins_with_the_first_that_is_not_the_dc",
       {Began(), LockIssued(), EndedWith(kLock, v1::ActionResult::OUTCOME_DONE), Planned({"node-01", "node-02"})},
       nothing,
       kNow,
       "enter node-01 GATE\n"},
      {"takes_another_first_when_the_dc_moved_there",
       {Began(), LockIssued(), EndedWith(kLock, v1::ActionResult::OUTCOME_DONE), Planned({"node-01", "node-02"})},
       [](ClusterView* v) { InEveryView(v, [](v1::ClusterFact* fact) { fact->set_dc("node-01"); }); },
       kNow,
       "enter node-02 GATE\n"},
      {"renews_the_lock_at_half_its_time", Visiting(v1::NODE_STEP_BASELINE), nothing, absl::Seconds(60),
       "act d-1/lock/renew/7.1 on node-02\n"},
      {"stops_when_the_lock_is_nearly_over", Visiting(v1::NODE_STEP_BASELINE), nothing, absl::Seconds(100),
       "stop CLUSTER: the cluster's lock could not be renewed in time\n"},
      {"an_open_gate_leads_to_the_baseline", Visiting(v1::NODE_STEP_GATE), nothing, kNow,
       "enter node-01 BASELINE\ntraffic node-01/baseline\n"},
      {"a_gate_waits_for_facts", Visiting(v1::NODE_STEP_GATE),
       [](ClusterView* v) {
         v->nodes["node-03"].fresh.http = Noon();
         Dc(v)->set_maintenance_mode(true);
       },
       kNow, ""},
      {"a_gate_refuses_at_once_what_does_not_pass", Visiting(v1::NODE_STEP_GATE),
       [](ClusterView* v) { Dc(v)->set_maintenance_mode(true); }, kNow,
       "stop GATE: the gate of node-01 said no: the cluster is in maintenance mode\n"},
      {"a_gate_waits_for_what_may_pass", Visiting(v1::NODE_STEP_GATE),
       [](ClusterView* v) { Dc(v)->set_idle(v1::ANSWER_NO); }, kNow, ""},
      {"but_not_longer_than_its_deadline", Visiting(v1::NODE_STEP_GATE),
       [](ClusterView* v) { Dc(v)->set_idle(v1::ANSWER_NO); }, absl::Seconds(34),
       "stop GATE: the gate of node-01 said no: the cluster is not idle (S_IDLE)\n"},
      {"drains", Visiting(v1::NODE_STEP_DRAIN), nothing, kNow, "act d-1/node-01/drain-lb/7.1 on lb-01\n"},
      {"waits_while_sessions_are_there",
       [] {
         auto records = Visiting(v1::NODE_STEP_DRAIN);
         records.push_back(Issued(kDrain, "lb-01", "node-01",
                                  ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                                  Noon() + absl::Seconds(7)));
         records.push_back(EndedWith(kDrain, v1::ActionResult::OUTCOME_DONE));
         return records;
       }(),
       busy, absl::Seconds(15), ""},
      {"goes_on_when_none_is_left",
       [] {
         auto records = Visiting(v1::NODE_STEP_DRAIN);
         records.push_back(Issued(kDrain, "lb-01", "node-01",
                                  ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                                  Noon() + absl::Seconds(7)));
         records.push_back(EndedWith(kDrain, v1::ActionResult::OUTCOME_DONE));
         return records;
       }(),
       drained, absl::Seconds(15), "enter node-01 MAINT\n"},
      {"goes_on_at_the_drains_deadline",
       [] {
         auto records = Visiting(v1::NODE_STEP_DRAIN);
         records.push_back(Issued(kDrain, "lb-01", "node-01",
                                  ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                                  Noon() + absl::Seconds(7)));
         records.push_back(EndedWith(kDrain, v1::ActionResult::OUTCOME_DONE));
         return records;
       }(),
       busy, absl::Seconds(16), "enter node-01 MAINT\n"},
      {"a_server_not_seen_drained_is_not_drained",
       [] {
         auto records = Visiting(v1::NODE_STEP_DRAIN);
         records.push_back(Issued(kDrain, "lb-01", "node-01",
                                  ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                                  Noon() + absl::Seconds(7)));
         records.push_back(EndedWith(kDrain, v1::ActionResult::OUTCOME_DONE));
         return records;
       }(),
       nothing, kNow, ""},
      {"an_unanswered_drain_is_looked_for_first",
       [] {
         auto records = Visiting(v1::NODE_STEP_DRAIN);
         records.push_back(Issued(kDrain, "lb-01", "node-01",
                                  ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                                  Noon() + absl::Seconds(7)));
         records.push_back(Unanswered(kDrain));
         return records;
       }(),
       [](ClusterView* v) { v->load_balancers["lb-01"].fresh.lb_servers = Noon() + absl::Seconds(7); }, kNow, ""},
      {"and_repeated_where_it_is_not_seen",
       [] {
         auto records = Visiting(v1::NODE_STEP_DRAIN);
         records.push_back(Issued(kDrain, "lb-01", "node-01",
                                  ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false,
                                  Noon() + absl::Seconds(7)));
         records.push_back(Unanswered(kDrain));
         return records;
       }(),
       nothing, kNow, "act d-1/node-01/drain-lb/7.2 on lb-01\n"},
      {"puts_it_into_maint", Visiting(v1::NODE_STEP_MAINT), drained, kNow, "act d-1/node-01/maint-lb/7.1 on lb-01\n"},
      {"acts_through_the_dc", Visiting(v1::NODE_STEP_ACT), out, kNow, "act d-1/node-01/act/7.1 on node-02\n"},
      {"acts_through_the_dc_that_is_now", Visiting(v1::NODE_STEP_ACT),
       [out](ClusterView* v) {
         out(v);
         InEveryView(v, [](v1::ClusterFact* fact) { fact->set_dc("node-03"); });
         *v->nodes["node-03"].report.mutable_cib() = v->nodes["node-02"].report.cib();
       },
       kNow, "act d-1/node-01/act/7.1 on node-03\n"},
      {"does_not_act_on_old_facts", Visiting(v1::NODE_STEP_ACT),
       [out](ClusterView* v) {
         out(v);
         v->nodes["node-03"].fresh.cluster = Noon() + absl::Seconds(12);
       },
       kNow, ""},
      {"does_not_act_on_a_busy_cluster", Visiting(v1::NODE_STEP_ACT),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
       },
       kNow, ""},
      {"sees_it_leave", Visiting(v1::NODE_STEP_LEAVE), Leave, kNow, "reach LEAVE\n"},
      {"a_unit_still_active_has_not_left", Visiting(v1::NODE_STEP_LEAVE),
       [](ClusterView* v) {
         Leave(v);
         v->nodes["node-01"].report.mutable_units(0)->set_active_state("deactivating");
       },
       kNow, ""},
      {"an_instance_still_shown_has_not_left", Visiting(v1::NODE_STEP_LEAVE),
       [](ClusterView* v) {
         Leave(v);
         Dc(v)->mutable_instances(0)->set_role("Stopping");
         Dc(v)->mutable_instances(0)->add_nodes("node-01");
       },
       kNow, ""},
      {"gives_back_when_the_others_serve",
       [] {
         auto records = Visiting(v1::NODE_STEP_LEAVE);
         records.push_back(Reached("node-01", v1::NODE_STEP_LEAVE));
         return records;
       }(),
       Leave, absl::Seconds(21), "enter node-01 RESTORE\n"},
      {"waits_for_the_others_answer",
       [] {
         auto records = Visiting(v1::NODE_STEP_LEAVE);
         records.push_back(Reached("node-01", v1::NODE_STEP_LEAVE));
         return records;
       }(),
       [](ClusterView* v) {
         Leave(v);
         for (const char* node : {"node-02", "node-03"}) v->nodes[node].fresh.http = Noon() + absl::Seconds(15);
       },
       absl::Seconds(21), ""},
  };
}

INSTANTIATE_TEST_SUITE_P(TakingOut, Decides, testing::ValuesIn(TakingOut()),
                         [](const testing::TestParamInfo<DecideCase>& info) { return std::string(info.param.name); });

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
      {"an_untouched_node_just_ends",
       [] {
         auto records = Visiting(v1::NODE_STEP_BASELINE);
         records.push_back(Stopped(v1::StopRequested::CAUSE_GATE));
         return records;
       }(),
       [](ClusterView*) {}, kNow, "node ended\ntraffic \n"},
  };
}

INSTANTIATE_TEST_SUITE_P(Stopping, Decides, testing::ValuesIn(Stopping()),
                         [](const testing::TestParamInfo<DecideCase>& info) { return std::string(info.param.name); });

TEST(Decide, HoldsTheNodeForLessThanItsServers) {
  ClusterView view = HealthyView(Noon() + kNow);
  Put(&view, v1::LbServerFact::ADMIN_STATE_MAINT, 0);
  const Operation operation = OperationFrom(Visiting(v1::NODE_STEP_ACT), Noon());
  const Decision decision = Decide(operation, view, Noon() + kNow);
  ASSERT_EQ(decision.actions.size(), 1u);
  const v1::EvictNode& evict = decision.actions[0].action.evict_node();
  EXPECT_EQ(evict.node(), "node-01");
  EXPECT_EQ(evict.clone(), "web-clone");
  EXPECT_EQ(evict.lease_id(), "jettyfleet-d-1-node-01");
  // The server's lease of 120 s was armed at 10 s; a quarter of it is kept for the node to come back in.
  EXPECT_EQ(FromProto(evict.duration()), absl::Seconds(130 - 20 - 30));
}

TEST(Decide, RefusesAHoldThatIsTooShort) {
  ClusterView view = HealthyView(Noon() + absl::Seconds(59));
  Put(&view, v1::LbServerFact::ADMIN_STATE_MAINT, 0);
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_ACT);
  *records[0].mutable_operation_began()->mutable_spec()->mutable_lease() = ToProto(absl::Seconds(40));
  for (v1::JournalRecord& record : records) {
    if (!record.action_issued().action().has_set_lb_server()) continue;
    *record.mutable_action_issued()->mutable_action()->mutable_set_lb_server()->mutable_duration() =
        ToProto(absl::Seconds(70));
  }
  const Operation operation = OperationFrom(records, Noon());
  EXPECT_EQ(Show(Decide(operation, view, Noon() + absl::Seconds(59))),
            "stop DEADLINE: only 11s of the lease are left after draining node-01; use a longer lease\n");
}

TEST(Decide, AnEndedOperationDecidesNothing) {
  v1::JournalRecord ended;
  ended.mutable_operation_ended();
  const Decision decision = Decide(OperationFrom({Began(), ended}, Noon()), HealthyView(), Noon());
  EXPECT_EQ(Show(decision), "");
  EXPECT_FALSE(decision.wake_at.has_value());
  EXPECT_TRUE(decision.observe.empty());
}

TEST(Decide, AfterARestartNothingIsIssuedBeforeHostsAreObserved) {
  for (const v1::NodeStep step : {v1::NODE_STEP_DRAIN, v1::NODE_STEP_MAINT, v1::NODE_STEP_ACT, v1::NODE_STEP_LEAVE}) {
    for (const bool stop : {false, true}) {
      std::vector<v1::JournalRecord> records = Visiting(step);
      if (stop) {
        records.push_back(Stopped(v1::StopRequested::CAUSE_OPERATOR));
        records.push_back(Entered("node-01", v1::NODE_STEP_RESTORE));
      }
      v1::JournalRecord resumed;
      resumed.mutable_operation_resumed();
      *resumed.mutable_at() = ToProto(Noon() + kNow);
      records.push_back(resumed);
      // Connected, with a snapshot, but nothing asked for since.
      ClusterView view = HealthyView(Noon() + kNow);
      Leave(&view);
      for (auto& [name, host] : view.nodes) host.fresh = Freshness();
      view.load_balancers["lb-01"].fresh = Freshness();
      const Decision decision = Decide(OperationFrom(records, Noon()), view, Noon() + kNow);
      EXPECT_TRUE(decision.actions.empty()) << v1::NodeStep_Name(step) << " stopped " << stop << Show(decision);
      EXPECT_FALSE(decision.observe.empty()) << v1::NodeStep_Name(step) << " stopped " << stop;
    }
  }
}

}  // namespace
}  // namespace jettyfleet
