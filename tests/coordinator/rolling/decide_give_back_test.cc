// Decisions from a node's restoration to its end.
#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

const char kRestore[] = "d-1/node-01/restore/7.1";
const char kReady[] = "d-1/node-01/ready-lb/7.1";

v1::Action Removal() {
  v1::Action action;
  action.mutable_remove_cib_lease()->set_lease_id("jettyfleet-d-1-node-01");
  return action;
}

// The visit of node-01 from its restoration (at 22 s) on, with the milestones before `step` reached, one each second
// from 25 s.
std::vector<v1::JournalRecord> Returning(v1::NodeStep step) {
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_LEAVE);
  const auto at = [&records](v1::JournalRecord record, int seconds) {
    *record.mutable_at() = ToProto(Noon() + absl::Seconds(seconds));
    records.push_back(std::move(record));
  };
  at(Reached("node-01", v1::NODE_STEP_LEAVE), 21);
  at(Entered("node-01", v1::NODE_STEP_RESTORE), 22);
  at(Issued(kRestore, "node-02", "node-01", Removal(), true, Noon() + absl::Seconds(22)), 22);
  at(EndedWith(kRestore, v1::ActionResult::OUTCOME_DONE), 23);
  if (step == v1::NODE_STEP_RESTORE) return records;
  at(Entered("node-01", v1::NODE_STEP_CLUSTER_START), 24);
  int second = 25;
  for (const v1::NodeStep milestone :
       {v1::NODE_STEP_CLUSTER_START, v1::NODE_STEP_UNIT_ACTIVE, v1::NODE_STEP_PORT_BOUND, v1::NODE_STEP_HTTP_READY}) {
    if (milestone >= step) break;
    at(Reached("node-01", milestone), second++);
  }
  if (step > v1::NODE_STEP_CLUSTER_START) at(Entered("node-01", step), second);
  return records;
}

std::vector<v1::JournalRecord> Returned() {
  std::vector<v1::JournalRecord> records = Returning(v1::NODE_STEP_LB_READY);
  records.push_back(Issued(kReady, "lb-01", "node-01", ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_READY),
                           true, Noon() + absl::Seconds(30)));
  v1::JournalRecord ended = EndedWith(kReady, v1::ActionResult::OUTCOME_DONE);
  *ended.mutable_at() = ToProto(Noon() + absl::Seconds(31));
  records.push_back(ended);
  return records;
}

std::vector<v1::JournalRecord> InRotation() {
  std::vector<v1::JournalRecord> records = Returned();
  for (v1::JournalRecord record :
       {Reached("node-01", v1::NODE_STEP_CLUSTER_IDLE), Reached("node-01", v1::NODE_STEP_LB_READY),
        Entered("node-01", v1::NODE_STEP_CLUSTER_IDLE)}) {
    *record.mutable_at() = ToProto(Noon() + absl::Seconds(34));
    records.push_back(record);
  }
  return records;
}

std::vector<DecideCase> GivingBack() {
  const auto nothing = [](ClusterView*) {};
  const auto out = [](ClusterView* v) { Put(v, v1::LbServerFact::ADMIN_STATE_MAINT, 0); };
  const auto away = [](ClusterView* v) { Leave(v); };
  const absl::Duration now = absl::Seconds(32);
  return {
      {"a_rule_seen_gone_is_gone", Returning(v1::NODE_STEP_RESTORE), away, now, "enter node-01 CLUSTER_START\n"},
      {"a_rule_still_there_is_removed_again", Returning(v1::NODE_STEP_RESTORE),
       [](ClusterView* v) {
         Leave(v);
         v1::CibEntryFact* rule = v->nodes["node-02"].report.mutable_cib()->add_ours();
         rule->set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
         rule->set_id("jettyfleet-d-1-node-01");
       },
       now, "undo d-1/node-01/restore/7.2 on node-02\n"},
      {"an_unread_cib_proves_nothing", Returning(v1::NODE_STEP_RESTORE),
       [](ClusterView* v) {
         Leave(v);
         v->nodes["node-02"].fresh.cib = Noon() + absl::Seconds(22);
       },
       now, ""},
      {"starts_and_unit_are_noted_as_they_are_seen", Returning(v1::NODE_STEP_CLUSTER_START), out, now,
       "reach CLUSTER_START\nreach UNIT_ACTIVE\n"},
      {"facts_from_before_are_not_believed", Returning(v1::NODE_STEP_CLUSTER_START),
       [out](ClusterView* v) {
         out(v);
         v->nodes["node-01"].fresh.units = Noon() + absl::Seconds(21);
         v->nodes["node-02"].fresh.cluster = Noon() + absl::Seconds(21);
       },
       now, ""},
      {"a_unit_can_be_seen_before_the_clusters_word", Returning(v1::NODE_STEP_CLUSTER_START),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->mutable_instances(0)->set_role("Starting");
       },
       now, "reach UNIT_ACTIVE\n"},
      {"the_port", Returning(v1::NODE_STEP_PORT_BOUND),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
       },
       now, "reach PORT_BOUND\n"},
      {"a_port_seen_before_the_unit_was_active_is_another_ones", Returning(v1::NODE_STEP_PORT_BOUND),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
         v->nodes["node-01"].fresh.units = Noon() + absl::Seconds(25);
       },
       now, ""},
      {"a_port_of_somebody_else_is_not_bound", Returning(v1::NODE_STEP_PORT_BOUND),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
         v->nodes["node-01"].report.mutable_ports(0)->set_bound_by_unit(v1::ANSWER_NO);
       },
       now, ""},
      {"http", Returning(v1::NODE_STEP_HTTP_READY),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
       },
       now, "reach HTTP_READY\n"},
      {"an_http_answer_from_before_does_not_count", Returning(v1::NODE_STEP_HTTP_READY),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
         v->nodes["node-01"].fresh.http = Noon() + absl::Seconds(25);
       },
       now, ""},
      {"the_cluster_at_rest", Returning(v1::NODE_STEP_LB_READY), out, now, "reach CLUSTER_IDLE\n"},
      {"then_its_server_is_made_ready", Returning(v1::NODE_STEP_LB_READY),
       [out](ClusterView* v) {
         out(v);
         Dc(v)->set_idle(v1::ANSWER_NO);
       },
       now, "undo d-1/node-01/ready-lb/7.1 on lb-01\n"},
      {"up_is_not_believed_before_a_check", Returned(), [](ClusterView* v) { Dc(v)->set_idle(v1::ANSWER_NO); },
       absl::Seconds(33), ""},
      {"a_check_since_then_is", Returned(), [](ClusterView* v) { Dc(v)->set_idle(v1::ANSWER_NO); },
       absl::Milliseconds(33500), "reach LB_READY\n"},
      {"a_check_that_fails_is_not", Returned(),
       [](ClusterView* v) {
         Dc(v)->set_idle(v1::ANSWER_NO);
         Server(v, "node-01")->set_check_status("L4TOUT");
       },
       absl::Seconds(40), ""},
      {"done_when_as_many_serve_as_before", InRotation(), nothing, absl::Seconds(36), "node ended\ntraffic \n"},
      {"not_while_one_does_not", InRotation(),
       [](ClusterView* v) { v->nodes["node-03"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO); },
       absl::Seconds(36), ""},
      {"a_node_that_does_not_come_back_in_time", Returning(v1::NODE_STEP_HTTP_READY),
       [out](ClusterView* v) {
         out(v);
         v->results.clear();
         v->nodes["node-01"].report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
         v->nodes["node-01"].report.mutable_http(0)->set_status(503);
       },
       absl::Seconds(82),
       "stop DEADLINE: node node-01: it was not whole 1m after it was given back; it waited for HTTP as described (it "
       "answered 503)\n"},
  };
}

class GiveBackDecides : public testing::TestWithParam<DecideCase> {};

TEST_P(GiveBackDecides, Next) { ExpectDecision(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, GiveBackDecides, testing::ValuesIn(GivingBack()),
                         [](const testing::TestParamInfo<DecideCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
