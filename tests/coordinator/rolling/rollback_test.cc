#include "coordinator/rolling/rollback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "coordinator/rolling/spec.h"
#include "tests/coordinator/rolling/ended_rollout.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using Records = std::vector<v1::JournalRecord>;
using testing::ElementsAre;
using testing::HasSubstr;

v1::ActionResult* ResultOf(Records* records, const std::string& action_id) {
  for (v1::JournalRecord& record : *records) {
    if (record.action_ended().result().action_id() == action_id) {
      return record.mutable_action_ended()->mutable_result();
    }
  }
  return nullptr;
}

TEST(Rollback, GivesEachChangedNodeWhatItHadNewestFirst) {
  const absl::StatusOr<v1::DrillSpec> spec = RollbackOf(OperationFrom(FailedRollout(), Noon()));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(spec->nodes(), ElementsAre("node-02", "node-01"));
  ASSERT_EQ(spec->rollout().back_to_size(), 2);
  EXPECT_EQ(spec->rollout().back_to(0).node(), "node-02");
  EXPECT_EQ(spec->rollout().back_to(0).sha256(), kBefore2);
  EXPECT_EQ(spec->rollout().back_to(1).sha256(), kBefore1);
  EXPECT_EQ(spec->rollout().rolls_back(), "d-1");
  EXPECT_EQ(spec->rollout().target(), "/srv/app.war");
  EXPECT_EQ(spec->rollout().sha256(), "");
  EXPECT_EQ(spec->rollout().canary_nodes_size(), 0);
  // A rollback that fails is not rolled back.
  EXPECT_EQ(spec->rollout().on_failure(), v1::ON_FAILURE_STOP);
  EXPECT_EQ(spec->budget().slower_percent(), 0u);
  EXPECT_TRUE(CheckSpec(HealthyView().description, *spec).ok()) << CheckSpec(HealthyView().description, *spec);
}

TEST(Rollback, ASwitchThatGotLostIsTakenBackToo) {
  Records records = FailedRollout();
  for (v1::JournalRecord& record : records) {
    if (record.action_ended().result().action_id() != "d-1/node-02/switch/7.1") continue;
    record.mutable_action_ended()->set_unanswered(true);
    record.mutable_action_ended()->mutable_result()->clear_archive();
    record.mutable_action_ended()->mutable_result()->clear_outcome();
  }
  EXPECT_THAT(RollbackOf(OperationFrom(records, Noon()))->nodes(), ElementsAre("node-02", "node-01"));
}

struct Case {
  const char* name;
  std::function<void(Records*)> bend;
  const char* nodes;  // that are taken back; empty: none
  const char* says;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class RollbackOfLess : public testing::TestWithParam<Case> {};

TEST_P(RollbackOfLess, AsTheCaseSays) {
  Records records = FailedRollout();
  GetParam().bend(&records);
  const Operation rollout = OperationFrom(records, Noon());
  const absl::StatusOr<v1::DrillSpec> spec = RollbackOf(rollout);
  std::string nodes;
  if (spec.ok()) {
    for (const std::string& node : spec->nodes()) nodes += node + " ";
  }
  EXPECT_EQ(nodes, GetParam().nodes);
  EXPECT_THAT(std::string(spec.status().message()), HasSubstr(GetParam().says));
  if (!spec.ok()) {
    EXPECT_EQ(spec.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_FALSE(WantsRollback(rollout));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, RollbackOfLess,
    testing::ValuesIn(std::vector<Case>{
        {"a_drill", [](Records* r) { (*r)[0].mutable_operation_began()->mutable_spec()->clear_rollout(); }, "",
         "operation d-1 rolled out no archive"},
        {"a_restart",
         [](Records* r) {
           (*r)[0].mutable_operation_began()->mutable_spec()->mutable_rollout()->set_restart_only(true);
         },
         "", "rolled out no archive"},
        {"that_still_runs", [](Records* r) { r->pop_back(); }, "", "has not ended"},
        {"a_refused_switch_changed_nothing",
         [](Records* r) { ResultOf(r, "d-1/node-02/switch/7.1")->set_outcome(v1::ActionResult::OUTCOME_REFUSED); },
         "node-01 ", ""},
        {"a_node_had_none_before", [](Records* r) { ResultOf(r, "d-1/node-01/stage/7.1")->clear_archive(); },
         "node-02 ", ""},
        {"a_node_had_the_same_before",
         [](Records* r) { ResultOf(r, "d-1/node-01/stage/7.1")->mutable_archive()->set_in_place_sha256(kRolledOut); },
         "node-02 ", ""},
        {"nothing_was_changed",
         [](Records* r) {
           for (const char* id : {"d-1/node-01/switch/7.1", "d-1/node-02/switch/7.1"}) {
             ResultOf(r, id)->set_outcome(v1::ActionResult::OUTCOME_REFUSED);
           }
         },
         "", "rollout d-1 changed no node's archive: there is nothing to go back to"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Rollback, FollowsWhereItIsWantedOnly) {
  const auto wants = [](const std::function<void(Records*)>& bend) {
    Records records = FailedRollout();
    bend(&records);
    return WantsRollback(OperationFrom(records, Noon()));
  };
  EXPECT_TRUE(wants([](Records*) {}));
  EXPECT_FALSE(wants([](Records* r) {
    (*r)[0].mutable_operation_began()->mutable_spec()->mutable_rollout()->set_on_failure(v1::ON_FAILURE_STOP);
  }));
  for (const v1::OperationState state :
       {v1::OPERATION_STATE_PASSED, v1::OPERATION_STATE_ABORTED, v1::OPERATION_STATE_REFUSED}) {
    EXPECT_FALSE(wants([state](Records* r) { r->back().mutable_operation_ended()->set_state(state); }));
  }
}

TEST(Rollback, ItsIdFollowsFromTheRollouts) {
  const std::string id = FollowingRollbackId("ro-20261123-174201-ab12");
  EXPECT_EQ(id, "ro-20261123-174201-ab12-back");
  EXPECT_TRUE(IsOperationId(id));
}

}  // namespace
}  // namespace jettyfleet
