// Decisions from the lock to the node's leaving. Whole drills stand in golden_test, all their disturbances in
// tests/simulation.
#include "absl/types/optional.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

// The DC's agent was busy.
std::vector<v1::JournalRecord> RenewalRefused() {
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_BASELINE);
  v1::Action renewal;
  renewal.mutable_renew_lock()->mutable_duration()->set_seconds(120);
  records.push_back(Issued("d-1/lock/renew/7.1", "node-02", "", renewal, false, Noon() + absl::Seconds(61)));
  v1::JournalRecord refused = EndedWith("d-1/lock/renew/7.1", v1::ActionResult::OUTCOME_REFUSED);
  refused.mutable_action_ended()->mutable_result()->set_message("too late");
  *refused.mutable_at() = ToProto(Noon() + absl::Seconds(67));
  records.push_back(refused);
  return records;
}

// A baseline of 5 s; `resumed`: a coordinator took the operation up again that long after noon.
std::vector<v1::JournalRecord> Measuring(absl::optional<absl::Duration> resumed) {
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_BASELINE);
  records.push_back(BaselineTaken());
  records.push_back(PredictionTaken());
  if (!resumed.has_value()) return records;
  records.emplace_back().mutable_operation_resumed();
  *records.back().mutable_at() = ToProto(Noon() + *resumed);
  return records;
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
      {"a_refused_renewal_is_tried_again_while_the_lock_stands", RenewalRefused(), nothing, absl::Seconds(70),
       "act d-1/lock/renew/7.2 on node-02\n"},
      {"it_is_lost_when_the_cib_does_not_hold_it", RenewalRefused(),
       [](ClusterView* v) { v->nodes["node-02"].report.mutable_cib()->clear_ours(); }, absl::Seconds(70),
       "stop CLUSTER: the cluster's lock is lost: too late\n"},
      {"or_another_ones", RenewalRefused(),
       [](ClusterView* v) { v->nodes["node-02"].report.mutable_cib()->mutable_ours(0)->set_operation_id("d-2"); },
       absl::Seconds(70), "stop CLUSTER: the cluster's lock is lost: too late\n"},
      {"what_was_read_of_the_cib_before_counts_not", RenewalRefused(),
       [](ClusterView* v) {
         v->nodes["node-02"].report.mutable_cib()->clear_ours();
         v->nodes["node-02"].fresh.cib = Noon();
       },
       absl::Seconds(70), "act d-1/lock/renew/7.2 on node-02\n"},
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
      {"a_baseline_is_measured_in_full", Measuring(absl::nullopt), nothing, absl::Milliseconds(9900), ""},
      {"before_the_drain", Measuring(absl::nullopt), nothing, absl::Seconds(10),
       "enter node-01 DRAIN\ntraffic node-01/visit\n"},
      {"after_a_restart_a_shorter_one", Measuring(absl::Seconds(6)), nothing, absl::Milliseconds(8900), ""},
      {"is_enough", Measuring(absl::Seconds(6)), nothing, absl::Seconds(9),
       "enter node-01 DRAIN\ntraffic node-01/visit\n"},
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

class TakeOutDecides : public testing::TestWithParam<DecideCase> {};

TEST_P(TakeOutDecides, Next) { ExpectDecision(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, TakeOutDecides, testing::ValuesIn(TakingOut()),
                         [](const testing::TestParamInfo<DecideCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
