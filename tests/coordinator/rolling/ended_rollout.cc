#include "tests/coordinator/rolling/ended_rollout.h"

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using Records = std::vector<v1::JournalRecord>;

v1::JournalRecord Answer(const std::string& id, const std::string& in_place) {
  v1::JournalRecord record = EndedWith(id, v1::ActionResult::OUTCOME_DONE);
  record.mutable_action_ended()->mutable_result()->mutable_archive()->set_in_place_sha256(in_place);
  return record;
}

void Stage(const std::string& node, const std::string& before, Records* records) {
  const std::string id = absl::StrCat(kOperation, "/", node, "/stage/7.1");
  v1::Action action;
  action.mutable_stage_archive()->set_sha256(kRolledOut);
  records->push_back(Issued(id, node, node, action, false, Noon()));
  records->push_back(Answer(id, before));
}

void Visit(const std::string& node, Records* records) {
  const std::string id = absl::StrCat(kOperation, "/", node, "/switch/7.1");
  v1::Action action;
  action.mutable_switch_archive()->set_sha256(kRolledOut);
  records->push_back(Entered(node, v1::NODE_STEP_LEAVE));
  records->push_back(Issued(id, node, node, action, false, Noon()));
  records->push_back(Answer(id, kRolledOut));
  v1::JournalRecord ended;
  ended.mutable_node_ended()->mutable_report()->set_node(node);
  records->push_back(ended);
}

}  // namespace

Records FailedRollout() {
  v1::DrillSpec spec = EvictSpec();
  spec.set_who("operator alice");
  spec.set_scenario(v1::SCENARIO_ROLLOUT);
  spec.mutable_budget()->set_slower_percent(50);
  v1::RolloutSpec* const rollout = spec.mutable_rollout();
  rollout->set_name("app");
  rollout->set_version("2");
  rollout->set_sha256(kRolledOut);
  rollout->set_size(1000);
  rollout->set_target("/srv/app.war");
  rollout->set_max_unavailable(1);
  rollout->set_on_failure(v1::ON_FAILURE_ROLLBACK);
  rollout->add_canary_nodes("node-01");
  *rollout->mutable_bake() = ToProto(absl::Seconds(10));
  Records records(1);
  *records[0].mutable_operation_began()->mutable_spec() = spec;
  records.push_back(Planned({"node-01", "node-02", "node-03"}));
  Stage("node-01", kBefore1, &records);
  Stage("node-02", kBefore2, &records);
  Stage("node-03", kBefore1, &records);
  Visit("node-01", &records);
  Visit("node-02", &records);
  records.insert(records.end() - 1, Stopped(v1::StopRequested::CAUSE_DEADLINE));
  v1::JournalRecord ended;
  ended.mutable_operation_ended()->set_state(v1::OPERATION_STATE_FAILED);
  ended.mutable_operation_ended()->set_reason("it did not answer");
  records.push_back(ended);
  return records;
}

}  // namespace jettyfleet
