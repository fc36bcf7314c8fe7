// Decisions about the baseline before a node is touched, the audit after it, and the one at the end.
#include "absl/types/optional.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

using Records = std::vector<v1::JournalRecord>;

constexpr char kTable[] = "jettyfleet-d-1-node-01-fault";

Records With(Records records, Records more) {
  records.insert(records.end(), more.begin(), more.end());
  return records;
}

// A look at what is left on `node`, told at `at` after noon and answered a second later.
Records Looked(const std::string& purpose, const std::string& node, absl::Duration at,
               const v1::Leftovers& left = NothingLeft(), int attempt = 1) {
  const std::string id = "d-1/" + purpose + "-" + node + "/7." + std::to_string(attempt);
  v1::Action look;
  look.mutable_look_at_leftovers()->add_units("jetty9");
  v1::JournalRecord ended = EndedWith(id, v1::ActionResult::OUTCOME_DONE);
  *ended.mutable_at() = ToProto(Noon() + at + absl::Seconds(1));
  *ended.mutable_action_ended()->mutable_result()->mutable_leftovers() = left;
  return {Issued(id, node, node, look, false, Noon() + at), ended};
}

Records AllLooked(const std::string& purpose, absl::Duration at, const v1::Leftovers& of_first = NothingLeft()) {
  return With(With(Looked(purpose, "node-01", at, of_first), Looked(purpose, "node-02", at)),
              Looked(purpose, "node-03", at));
}

v1::JournalRecord At(absl::Duration at, v1::JournalRecord record) {
  *record.mutable_at() = ToProto(Noon() + at);
  return record;
}

// Node-01 is whole again and audited since 20 s after noon; `earlier` comes before that.
Records Auditing(Records earlier = {}) {
  Records records = With(With(Visiting(v1::NODE_STEP_BASELINE), {BaselineTaken()}), std::move(earlier));
  for (const v1::NodeStep step : {v1::NODE_STEP_CLUSTER_START, v1::NODE_STEP_UNIT_ACTIVE, v1::NODE_STEP_PORT_BOUND,
                                  v1::NODE_STEP_HTTP_READY, v1::NODE_STEP_LB_READY, v1::NODE_STEP_CLUSTER_IDLE}) {
    records.push_back(At(absl::Seconds(19), Reached("node-01", step)));
  }
  records.push_back(At(absl::Seconds(20), Entered("node-01", v1::NODE_STEP_AUDIT)));
  return records;
}

// The DC was asked, and has answered so; `resumed`: another coordinator went on that long after noon.
Records Predicting(absl::optional<absl::Duration> resumed, v1::ActionResult::Outcome outcome) {
  v1::Action look;
  look.mutable_predict_transition()->set_node("node-01");
  Records records =
      With(Visiting(v1::NODE_STEP_BASELINE), {BaselineTaken(), Issued("d-1/node-01/predict/7.1", "node-02", "node-01",
                                                                      look, false, Noon() + absl::Seconds(8))});
  v1::JournalRecord ended = EndedWith("d-1/node-01/predict/7.1", outcome);
  ended.mutable_action_ended()->mutable_result()->add_predictions()->set_predicted(v1::ANSWER_YES);
  records.push_back(ended);
  if (!resumed.has_value()) return records;
  v1::JournalRecord again;
  again.mutable_operation_resumed();
  records.push_back(At(*resumed, again));
  return records;
}

v1::Leftovers TableLeft() {
  v1::Leftovers left = NothingLeft();
  left.mutable_packet_filter_tables()->add_names(kTable);
  return left;
}

// The only visit is over, and something was touched; the audit at the end began 30 s after noon.
Records AtTheEnd(Records between = {}) {
  Records records = Visiting(v1::NODE_STEP_LEAVE);
  records[3].mutable_nodes_planned()->clear_nodes();
  records[3].mutable_nodes_planned()->add_nodes("node-01");
  v1::JournalRecord ended;
  ended.mutable_node_ended()->mutable_report()->set_node("node-01");
  return With(With(records, {At(absl::Seconds(24), BaselineTaken())}), With(between, {At(absl::Seconds(25), ended)}));
}

v1::JournalRecord AuditBegan() {
  v1::JournalRecord record;
  record.mutable_audit_began();
  return At(absl::Seconds(30), record);
}

std::vector<DecideCase> Auditings() {
  const auto nothing = [](ClusterView*) {};
  const Records baseline = With(Visiting(v1::NODE_STEP_BASELINE), {PredictionTaken()});
  v1::JournalRecord passed;
  passed.mutable_audit_ended()->set_node("node-01");
  v1::JournalRecord passed_at_end;
  passed_at_end.mutable_audit_ended();
  const auto freeze_lease = [](ClusterView* v) {
    v1::LeaseFact* const lease = v->nodes["node-01"].report.add_leases();
    lease->set_id("jettyfleet-d-1-node-01-fault");
    lease->set_operation_id("d-1");
    lease->set_kind("unit-freeze");
  };
  return {
      {"every_node_looks_while_the_traffic_is_measured", baseline, nothing, absl::Seconds(7),
       "act d-1/node-01/before-node-01/7.1 on node-01\n"
       "act d-1/node-01/before-node-02/7.1 on node-02\n"
       "act d-1/node-01/before-node-03/7.1 on node-03\n"},
      {"what_they_say_is_the_baseline", With(baseline, AllLooked("node-01/before", absl::Seconds(7))), nothing, kNow,
       "baseline of node-01\n"},
      {"with_it_the_node_may_be_touched", With(baseline, {BaselineTaken()}), nothing, kNow,
       "enter node-01 DRAIN\ntraffic node-01/visit\n"},
      {"the_dc_predicts_what_comes", With(Visiting(v1::NODE_STEP_BASELINE), {BaselineTaken()}), nothing, kNow,
       "act d-1/node-01/predict/7.1 on node-02\n"},
      {"its_answer_is_kept", Predicting(absl::nullopt, v1::ActionResult::OUTCOME_DONE), nothing, kNow,
       "prediction for node-01\n"},
      {"so_is_that_there_is_none", Predicting(absl::nullopt, v1::ActionResult::OUTCOME_FAILED), nothing, kNow,
       "prediction for node-01\n"},
      {"another_coordinator_asks_again", Predicting(absl::Seconds(9), v1::ActionResult::OUTCOME_DONE), nothing, kNow,
       "act d-1/node-01/predict/7.2 on node-02\n"},
      {"what_nobody_predicted_stops_the_operation",
       With(Auditing({PredictionTaken()}), AllLooked("node-01/after", absl::Seconds(20))),
       [](ClusterView* v) {
         for (const char* const node : {"node-01", "node-02", "node-03"}) {
           v1::ClusterFact* const fact = v->nodes[node].report.mutable_cluster();
           v1::InstanceFact* const address = fact->add_instances();
           address->set_resource("address");
           address->set_role("Started");
           address->set_active(true);
           address->add_nodes("node-03");
         }
       },
       absl::Seconds(26),
       "audit of node-01 ended\n"
       "stop AUDIT: Pacemaker did not do what crm_simulate had said: address on node-03 started, which was not "
       "predicted; 'crm_mon -1' and Pacemaker's log on the DC say why\n"},
      {"a_lost_look_is_taken_again",
       With(baseline,
            [] {
              Records looks = AllLooked("node-01/before", absl::Seconds(7));
              looks[1].mutable_action_ended()->set_unanswered(true);
              return looks;
            }()),
       nothing, kNow, "act d-1/node-01/before-node-01/7.2 on node-01\n"},
      {"a_node_that_says_nothing_is_waited_for",
       With(baseline, With(Looked("node-01/before", "node-01", absl::Seconds(7)),
                           Looked("node-01/before", "node-02", absl::Seconds(7)))),
       [](ClusterView* v) { v->nodes["node-03"].connected = false; }, absl::Seconds(39), ""},
      {"but_not_longer_than_a_gate",
       With(baseline, With(Looked("node-01/before", "node-01", absl::Seconds(7)),
                           Looked("node-01/before", "node-02", absl::Seconds(7)))),
       [](ClusterView* v) { v->nodes["node-03"].connected = false; }, absl::Seconds(41),
       "stop GATE: what the audits of node-01 compare with was not seen: the agent of node node-03 is not connected\n"},
      {"every_node_looks_again_afterwards", Auditing(), nothing, absl::Seconds(20),
       "act d-1/node-01/after-node-01/7.1 on node-01\n"
       "act d-1/node-01/after-node-02/7.1 on node-02\n"
       "act d-1/node-01/after-node-03/7.1 on node-03\n"},
      {"an_audit_that_passes", With(Auditing(), AllLooked("node-01/after", absl::Seconds(20))), nothing,
       absl::Seconds(21), "audit of node-01 ended\n"},
      {"ends_the_visit", With(With(Auditing(), AllLooked("node-01/after", absl::Seconds(20))), {passed}), nothing,
       absl::Seconds(23), "node ended\ntraffic \n"},
      {"facts_from_before_do_not_count", With(Auditing(), AllLooked("node-01/after", absl::Seconds(20))),
       [](ClusterView* v) { v->nodes["node-03"].fresh.cib = Noon() + absl::Seconds(19); }, absl::Milliseconds(21500),
       ""},
      {"what_is_not_known_is_waited_for", With(Auditing(), AllLooked("node-01/after", absl::Seconds(20))),
       [](ClusterView* v) { v->load_balancers["lb-01"].connected = false; }, absl::Milliseconds(49999), ""},
      {"and_fails_at_last", With(Auditing(), AllLooked("node-01/after", absl::Seconds(20))),
       [](ClusterView* v) { v->load_balancers["lb-01"].connected = false; }, absl::Seconds(50),
       "audit of node-01 ended\n"
       "stop AUDIT: audit load-balancers (not known): lb-01: its agent is not connected\n"},
      {"what_is_left_is_looked_at_again", With(Auditing(), AllLooked("node-01/after", absl::Seconds(20), TableLeft())),
       nothing, absl::Seconds(22), "act d-1/node-01/after-node-01/7.2 on node-01\n"},
      {"what_is_gone_then_is_gone",
       With(With(Auditing(), AllLooked("node-01/after", absl::Seconds(20), TableLeft())),
            Looked("node-01/after", "node-01", absl::Seconds(22), NothingLeft(), 2)),
       nothing, absl::Seconds(23), "audit of node-01 ended\n"},
      {"what_stays_stops_the_operation",
       With(With(Auditing(), AllLooked("node-01/after", absl::Seconds(20), TableLeft())),
            Looked("node-01/after", "node-01", absl::Seconds(24), TableLeft(), 2)),
       nothing, absl::Seconds(25),
       "audit of node-01 ended\n"
       "stop AUDIT: audit packet-filter: node-01: its packet filter has our table jettyfleet-d-1-node-01-fault; "
       "'nft delete table inet jettyfleet-d-1-node-01-fault' there\n"},
      {"nothing_is_believed_from_an_earlier_audit", Auditing(AllLooked("node-01/after", absl::Seconds(10))), nothing,
       absl::Seconds(21),
       "act d-1/node-01/after-node-01/7.2 on node-01\n"
       "act d-1/node-01/after-node-02/7.2 on node-02\n"
       "act d-1/node-01/after-node-03/7.2 on node-03\n"},
      {"the_end_is_audited_too", AtTheEnd(), nothing, absl::Seconds(30), "audit begins\n"},
      {"by_every_node", With(AtTheEnd(), {AuditBegan()}), nothing, absl::Seconds(31),
       "act d-1/end/after-node-01/7.1 on node-01\n"
       "act d-1/end/after-node-02/7.1 on node-02\n"
       "act d-1/end/after-node-03/7.1 on node-03\n"},
      {"before_the_lock_is_given_back",
       With(With(AtTheEnd(), {AuditBegan()}), AllLooked("end/after", absl::Seconds(31))), nothing, absl::Seconds(32),
       "audit of all ended\n"},
      {"then_it_is_given_back",
       With(With(AtTheEnd(), {AuditBegan()}), With(AllLooked("end/after", absl::Seconds(31)), {passed_at_end})),
       nothing, absl::Seconds(40), "undo d-1/lock/release/7.1 on node-02\n"},
      {"what_is_left_at_the_end_fails_it",
       With(With(AtTheEnd(), {AuditBegan()}), AllLooked("end/after", absl::Seconds(34))), freeze_lease,
       absl::Seconds(35),
       "audit of all ended\n"
       "stop AUDIT: audit leases: node-01: it still holds lease jettyfleet-d-1-node-01-fault (unit-freeze); "
       "'jettyfleet restore c' ends it\n"},
  };
}

class AuditDecides : public testing::TestWithParam<DecideCase> {};

TEST_P(AuditDecides, Next) { ExpectDecision(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, AuditDecides, testing::ValuesIn(Auditings()),
                         [](const testing::TestParamInfo<DecideCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jettyfleet
