#include "coordinator/rolling/operation.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

TEST(Apply, FollowsAVisit) {
  const Operation operation = OperationFrom(
      {Began(), Planned({"node-01"}), Entered("node-01", v1::NODE_STEP_GATE), Entered("node-01", v1::NODE_STEP_ACT),
       Issued("d-1/node-01/act/7.1", "node-02", "node-01", EvictAction("node-01", absl::Seconds(60)), false,
              Noon() + absl::Seconds(4)),
       EndedWith("d-1/node-01/act/7.1", v1::ActionResult::OUTCOME_DONE), Reached("node-01", v1::NODE_STEP_LEAVE)},
      Noon());
  const NodeVisit* visit = operation.Current();
  ASSERT_NE(visit, nullptr);
  EXPECT_EQ(visit->step, v1::NODE_STEP_ACT);
  EXPECT_EQ(visit->Entered(v1::NODE_STEP_ACT), Noon() + absl::Seconds(3));
  EXPECT_EQ(visit->Reached(v1::NODE_STEP_LEAVE), Noon() + absl::Seconds(6));
  EXPECT_EQ(visit->Entered(v1::NODE_STEP_RESTORE), absl::InfinitePast());
  ASSERT_EQ(operation.Attempts("d-1/node-01/act").size(), 1u);
  EXPECT_TRUE(operation.actions[0].Answered(v1::ActionResult::OUTCOME_DONE));
  EXPECT_TRUE(operation.Touched("node-01"));
  EXPECT_FALSE(operation.Touched("node-02"));
  EXPECT_FALSE(operation.AllVisited());
}

TEST(Apply, KeepsTheFirstTimeOfAStep) {
  const Operation operation =
      OperationFrom({Began(), Entered("node-01", v1::NODE_STEP_GATE), Entered("node-01", v1::NODE_STEP_GATE)}, Noon());
  EXPECT_EQ(operation.Current()->Entered(v1::NODE_STEP_GATE), Noon() + absl::Seconds(1));
}

TEST(Apply, TheLockAloneTouchesNothing) {
  const Operation operation =
      OperationFrom({Began(), Issued("d-1/lock/acquire/7.1", "node-02", "", LockAction(), false, Noon())}, Noon());
  EXPECT_FALSE(operation.Touched());
}

struct Misfit {
  const char* name;
  std::vector<v1::JournalRecord> before;
  v1::JournalRecord record;
  const char* says;
};

void PrintTo(const Misfit& misfit, std::ostream* out) { *out << misfit.name; }

class ApplyRefuses : public testing::TestWithParam<Misfit> {};

TEST_P(ApplyRefuses, WhatDoesNotFollow) {
  Operation operation = OperationFrom(GetParam().before, Noon());
  v1::JournalRecord record = GetParam().record;
  if (record.operation_id().empty()) record.set_operation_id(kOperation);
  const absl::Status status = Apply(record, &operation);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find(GetParam().says), std::string::npos) << status;
}

std::vector<Misfit> Misfits() {
  const v1::JournalRecord act =
      Issued("a/1", "node-02", "node-01", EvictAction("node-01", absl::Seconds(60)), false, Noon());
  v1::JournalRecord others = Stopped(v1::StopRequested::CAUSE_OPERATOR);
  others.set_operation_id("d-2");
  v1::JournalRecord badly_named = Began();
  badly_named.set_operation_id("D_1");
  v1::JournalRecord ended;
  ended.mutable_operation_ended();
  v1::JournalRecord node_ended;
  node_ended.mutable_node_ended()->mutable_report()->set_node("node-02");
  const auto of_audit = [](const std::string& text) {
    v1::JournalRecord record;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &record)) << text;
    return record;
  };
  v1::JournalRecord host_event;
  host_event.mutable_host_event();
  return {
      {"nothing_began", {}, Stopped(v1::StopRequested::CAUSE_OPERATOR), "has not begun"},
      {"began_twice", {Began()}, Began(), "has begun before"},
      {"bad_id", {}, badly_named, "lower-case"},
      {"another_operation", {Began()}, others, "another operation's"},
      {"answer_to_nothing", {Began()}, EndedWith("x/1", v1::ActionResult::OUTCOME_DONE), "never issued"},
      {"two_answers",
       {Began(), act, EndedWith("a/1", v1::ActionResult::OUTCOME_DONE)},
       EndedWith("a/1", v1::ActionResult::OUTCOME_DONE),
       "ended before"},
      {"id_used_twice", {Began(), act}, act, "issued before"},
      {"two_nodes_at_once",
       {Began(), Entered("node-01", v1::NODE_STEP_GATE)},
       Entered("node-02", v1::NODE_STEP_GATE),
       "node-01 is still being visited"},
      {"milestone_elsewhere",
       {Began(), Entered("node-01", v1::NODE_STEP_GATE)},
       Reached("node-02", v1::NODE_STEP_LEAVE),
       "node-02 is not being visited"},
      {"node_ended_elsewhere", {Began()}, node_ended, "node-02 is not being visited"},
      {"baseline_elsewhere",
       {Began()},
       of_audit("audit_baseline_taken { node: \"node-02\" }"),
       "node-02 is not being visited"},
      {"predicted_elsewhere",
       {Began()},
       of_audit("transition_predicted { node: \"node-02\" }"),
       "node-02 is not being visited"},
      {"audited_elsewhere", {Began()}, of_audit("audit_ended { node: \"node-02\" }"), "node-02 is not being visited"},
      {"the_end_is_audited_in_a_visit",
       {Began(), Entered("node-01", v1::NODE_STEP_GATE)},
       of_audit("audit_began {}"),
       "still being visited"},
      {"the_end_was_audited_in_a_visit",
       {Began(), Entered("node-01", v1::NODE_STEP_GATE)},
       of_audit("audit_ended {}"),
       "still being visited"},
      {"ends_in_a_visit", {Began(), Entered("node-01", v1::NODE_STEP_GATE)}, ended, "still being visited"},
      {"stopped_twice",
       {Began(), Stopped(v1::StopRequested::CAUSE_BUDGET)},
       Stopped(v1::StopRequested::CAUSE_BUDGET),
       "stopped before"},
      {"paused_twice", {Began(), Paused("alice")}, Paused("bob"), "paused before"},
      {"paused_by_nobody", {Began()}, Paused(""), "nobody paused it"},
      {"not_paused", {Began()}, Continued("bob"), "was not paused"},
      {"after_the_end", {Began(), ended}, Stopped(v1::StopRequested::CAUSE_BUDGET), "has ended"},
      {"planned_twice", {Began(), Planned({"node-01"})}, Planned({"node-01"}), "planned before"},
      {"not_an_operations", {Began()}, host_event, "not an operation's record"},
  };
}

INSTANTIATE_TEST_SUITE_P(Records, ApplyRefuses, testing::ValuesIn(Misfits()),
                         [](const testing::TestParamInfo<Misfit>& info) { return std::string(info.param.name); });

TEST(Audits, AreKeptWithTheirVisitAndWithTheOperation) {
  v1::JournalRecord baseline;
  baseline.mutable_audit_baseline_taken()->set_node("node-01");
  baseline.mutable_audit_baseline_taken()->mutable_baseline()->set_configuration_digest("5d1c");
  v1::JournalRecord predicted;
  predicted.mutable_transition_predicted()->set_node("node-01");
  predicted.mutable_transition_predicted()->mutable_predicted()->add_operations()->set_task("stop");
  v1::JournalRecord audited;
  audited.mutable_audit_ended()->set_node("node-01");
  audited.mutable_audit_ended()->add_findings()->set_id("one-dc");
  v1::JournalRecord node_ended;
  node_ended.mutable_node_ended()->mutable_report()->set_node("node-01");
  v1::JournalRecord began;
  began.mutable_audit_began();
  v1::JournalRecord ended;
  ended.mutable_audit_ended()->add_findings()->set_id("leases");
  const Operation operation = OperationFrom(
      {Began(), Entered("node-01", v1::NODE_STEP_GATE), baseline, predicted, audited, node_ended, began, ended},
      Noon());
  ASSERT_EQ(operation.visits.size(), 1);
  EXPECT_EQ(operation.visits[0].audit_baseline->configuration_digest(), "5d1c");
  EXPECT_EQ(operation.visits[0].predicted->operations(0).task(), "stop");
  EXPECT_EQ(operation.visits[0].audit->findings(0).id(), "one-dc");
  EXPECT_EQ(operation.audit_began_at, Noon() + absl::Seconds(6));
  EXPECT_EQ(operation.audit->findings(0).id(), "leases");
}

TEST(IsOperationId, TakesWhatCanBePartOfALeasesName) {
  EXPECT_TRUE(IsOperationId("d-20261122-235901-ab12"));
  for (const char* id : {"", "D-1", "d_1", "d/1", "d 1", "01234567890123456789012345678901234567890"}) {
    EXPECT_FALSE(IsOperationId(id)) << id;
  }
}

TEST(PurposeOf, LeavesTheAttemptOut) { EXPECT_EQ(PurposeOf("d-1/node-01/act/7.2"), "d-1/node-01/act"); }

}  // namespace
}  // namespace jettyfleet
