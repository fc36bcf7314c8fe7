#include "coordinator/rolling/leases.h"

#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <string>
#include <vector>

#include "common/proto_time.h"
#include "coordinator/rolling/timing.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

constexpr char kAct[] = "d-1/node-01/act/7.1";
constexpr char kUndo[] = "d-1/node-01/restore/7.1";
constexpr absl::Duration kHold = absl::Seconds(60);

TEST(LeaseIds, AreWhatAgentsAccept) {
  const std::regex allowed("jettyfleet-[a-z0-9-]{1,80}");
  for (const char* node : {"node-01", "Node_01.example.org", "x", "a-very-long-node-name-that-goes-on-and-on-and-on"}) {
    EXPECT_TRUE(std::regex_match(LbLeaseId("d-20261122-235901-ab12", node, 11), allowed)) << node;
  }
  EXPECT_EQ(CibLeaseId("d-1", "node-01"), "jettyfleet-d-1-node-01");
  EXPECT_EQ(LbLeaseId("d-1", "node-01", 0), "jettyfleet-d-1-node-01-lb");
  EXPECT_EQ(LbLeaseId("d-1", "node-01", 1), "jettyfleet-d-1-node-01-lb2");
}

TEST(LeaseIds, DifferForNodesThatLookAlike) {
  EXPECT_NE(CibLeaseId("d-1", "node.1"), CibLeaseId("d-1", "node-1"));
  EXPECT_NE(CibLeaseId("d-1", "Node-1"), CibLeaseId("d-1", "node-1"));
}

v1::JournalRecord ActIssued() {
  return Issued(kAct, "node-02", "node-01", EvictAction("node-01", kHold), false, Noon());
}

v1::Action Removal() {
  v1::Action action;
  action.mutable_remove_cib_lease()->set_lease_id("jettyfleet-d-1-node-01");
  return action;
}

v1::JournalRecord UndoIssued(absl::Duration after) {
  return Issued(kUndo, "node-02", "node-01", Removal(), true, Noon() + after);
}

void PutRule(ClusterView* view) {
  v1::CibEntryFact* rule = view->nodes["node-02"].report.mutable_cib()->add_ours();
  rule->set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
  rule->set_id("jettyfleet-d-1-node-01");
}

struct LeaseCase {
  const char* name;
  std::vector<v1::JournalRecord> records;
  std::function<void(ClusterView*)> bend;  // the CIB was read at `now` unless bent
  absl::Duration now;
  LeaseState state;
};

void PrintTo(const LeaseCase& lease, std::ostream* out) { *out << lease.name; }

class CibLease : public testing::TestWithParam<LeaseCase> {};

TEST_P(CibLease, IsJudged) {
  std::vector<v1::JournalRecord> records = {Began(), Entered("node-01", v1::NODE_STEP_ACT)};
  records.insert(records.end(), GetParam().records.begin(), GetParam().records.end());
  const absl::Time now = Noon() + GetParam().now;
  const Operation operation = OperationFrom(records, Noon());
  ClusterView view = HealthyView(now);
  GetParam().bend(&view);
  const std::vector<Lease> leases = LeasesOf(operation);
  ASSERT_EQ(leases.size(), 1u);
  EXPECT_EQ(static_cast<int>(JudgeLease(leases[0], operation, view, now)), static_cast<int>(GetParam().state));
}

std::vector<LeaseCase> LeaseCases() {
  const auto done = EndedWith(kAct, v1::ActionResult::OUTCOME_DONE);
  const auto nothing = [](ClusterView*) {};
  const auto old_cib = [](ClusterView* view) { view->nodes["node-02"].fresh.cib = Noon(); };
  const auto no_dc = [](ClusterView* view) { Dc(view)->set_dc_with_quorum(v1::ANSWER_NO); };
  const auto rule = [](ClusterView* view) { PutRule(view); };
  const auto unreadable = [](ClusterView* view) { view->nodes["node-02"].report.mutable_cib()->set_error("exit 1"); };
  v1::JournalRecord resumed;
  resumed.mutable_operation_resumed();
  // Nothing, not even tidying, is due before this.
  const absl::Duration over = absl::Seconds(5) + absl::Seconds(20) + kHold + kLeaseEndMargin;
  return {
      {"an_act_under_way_is_waited_for", {ActIssued()}, nothing, absl::Seconds(10), LeaseState::kWaiting},
      {"an_act_seen_to_have_had_its_effect_is_not", {ActIssued()}, rule, absl::Seconds(10), LeaseState::kNeedsUndo},
      {"an_act_that_was_undone_is_not",
       {ActIssued(), UndoIssued(absl::Seconds(8)), EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE)},
       nothing,
       absl::Seconds(12),
       LeaseState::kSettled},
      {"while_restoring_an_old_look_is_none",
       {ActIssued(), done, UndoIssued(absl::Seconds(5)), EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE),
        Stopped(v1::StopRequested::CAUSE_CLUSTER)},
       [](ClusterView* view) { view->nodes["node-02"].fresh.cib = Noon() + absl::Seconds(17); },
       absl::Seconds(20),
       LeaseState::kNeedsLook},
      {"a_refused_act_left_nothing",
       {ActIssued(), EndedWith(kAct, v1::ActionResult::OUTCOME_REFUSED)},
       rule,
       absl::Seconds(10),
       LeaseState::kSettled},
      {"an_act_seen_done_is_undone_at_once", {ActIssued(), done}, old_cib, absl::Seconds(10), LeaseState::kNeedsUndo},
      {"after_a_restart_the_cib_is_read_first",
       {ActIssued(), done, resumed},
       old_cib,
       absl::Seconds(10),
       LeaseState::kNeedsLook},
      {"an_act_without_an_answer_is_looked_for",
       {ActIssued(), Unanswered(kAct)},
       old_cib,
       absl::Seconds(40),
       LeaseState::kNeedsLook},
      {"a_failed_act_may_have_had_its_effect",
       {ActIssued(), EndedWith(kAct, v1::ActionResult::OUTCOME_FAILED)},
       rule,
       absl::Seconds(10),
       LeaseState::kNeedsUndo},
      {"a_failed_act_without_effect_is_settled",
       {ActIssued(), EndedWith(kAct, v1::ActionResult::OUTCOME_FAILED)},
       nothing,
       absl::Seconds(10),
       LeaseState::kSettled},
      {"an_undo_under_way_is_waited_for",
       {ActIssued(), done, UndoIssued(absl::Seconds(9))},
       rule,
       absl::Seconds(10),
       LeaseState::kWaiting},
      {"an_undo_lost_with_its_stream_is_repeated",
       {ActIssued(), done, UndoIssued(absl::Seconds(8))},
       [](ClusterView* view) {
         PutRule(view);
         view->nodes["node-02"].connected_at = Noon() + absl::Seconds(9);
       },
       absl::Seconds(10),
       LeaseState::kNeedsUndo},
      {"an_answered_undo_is_looked_at",
       {ActIssued(), done, UndoIssued(absl::Seconds(8)), EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE)},
       old_cib,
       absl::Seconds(10),
       LeaseState::kNeedsLook},
      {"an_undo_seen_done_settles",
       {ActIssued(), done, UndoIssued(absl::Seconds(8)), EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE)},
       nothing,
       absl::Seconds(10),
       LeaseState::kSettled},
      {"an_undo_without_effect_is_repeated",
       {ActIssued(), done, UndoIssued(absl::Seconds(8)), EndedWith(kUndo, v1::ActionResult::OUTCOME_FAILED)},
       rule,
       absl::Seconds(10),
       LeaseState::kNeedsUndo},
      {"but_not_in_a_tight_loop",
       {ActIssued(), done, UndoIssued(absl::Milliseconds(9900)), EndedWith(kUndo, v1::ActionResult::OUTCOME_FAILED)},
       rule,
       absl::Seconds(10),
       LeaseState::kWaiting},
      {"a_cib_that_cannot_be_read_is_not_empty",
       {ActIssued(), done, UndoIssued(absl::Seconds(8)), EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE)},
       unreadable,
       absl::Seconds(10),
       LeaseState::kNeedsUndo},
      {"without_quorum_it_waits", {ActIssued(), done}, no_dc, absl::Seconds(10), LeaseState::kWaiting},
      {"without_quorum_it_is_over_at_its_end", {ActIssued(), done}, no_dc, over, LeaseState::kSettled},
      {"not_a_second_before", {ActIssued(), done}, no_dc, over - absl::Seconds(1), LeaseState::kWaiting},
      {"past_its_end_the_rule_is_still_removed", {ActIssued(), done}, rule, over, LeaseState::kNeedsUndo},
      {"but_not_for_ever", {ActIssued(), done}, rule, over + kTidyTime, LeaseState::kSettled},
      {"a_stop_asks_for_another_look",
       {ActIssued(), done, UndoIssued(absl::Seconds(5)), EndedWith(kUndo, v1::ActionResult::OUTCOME_DONE),
        Stopped(v1::StopRequested::CAUSE_CLUSTER)},
       [](ClusterView* view) { view->nodes["node-02"].fresh.cib = Noon() + absl::Milliseconds(5500); },
       absl::Seconds(10),
       LeaseState::kNeedsLook},
  };
}

INSTANTIATE_TEST_SUITE_P(Each, CibLease, testing::ValuesIn(LeaseCases()),
                         [](const testing::TestParamInfo<LeaseCase>& info) { return std::string(info.param.name); });

class LbLease : public testing::Test {
 protected:
  std::vector<v1::JournalRecord> Drained() {
    return {Began(), Entered("node-01", v1::NODE_STEP_DRAIN),
            Issued("d-1/node-01/drain-lb/7.1", "lb-01", "node-01",
                   ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false, Noon()),
            EndedWith("d-1/node-01/drain-lb/7.1", v1::ActionResult::OUTCOME_DONE)};
  }
  std::vector<v1::JournalRecord> Released() {
    std::vector<v1::JournalRecord> records = Drained();
    records.push_back(Issued("d-1/node-01/ready-lb/7.1", "lb-01", "node-01",
                             ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_READY), true,
                             Noon() + absl::Seconds(5)));
    records.push_back(EndedWith("d-1/node-01/ready-lb/7.1", v1::ActionResult::OUTCOME_DONE));
    return records;
  }
  LeaseState Judge(const std::vector<v1::JournalRecord>& records, const ClusterView& view) {
    const Operation operation = OperationFrom(records, Noon());
    const std::vector<Lease> leases = LeasesOf(operation);
    EXPECT_EQ(leases.size(), 1u);
    return JudgeLease(leases.at(0), operation, view, now_);
  }

  const absl::Time now_ = Noon() + absl::Seconds(20);
};

TEST_F(LbLease, IsReleasedEvenWhereTheServerIsSeenReady) {
  EXPECT_EQ(Judge(Drained(), HealthyView(now_)), LeaseState::kNeedsUndo);
}

TEST_F(LbLease, NeedsNoQuorum) {
  ClusterView view = HealthyView(now_);
  Dc(&view)->set_dc_with_quorum(v1::ANSWER_NO);
  EXPECT_EQ(Judge(Drained(), view), LeaseState::kNeedsUndo);
}

TEST_F(LbLease, WaitsForItsAgent) {
  ClusterView view = HealthyView(now_);
  view.load_balancers["lb-01"].connected = false;
  EXPECT_EQ(Judge(Drained(), view), LeaseState::kWaiting);
}

TEST_F(LbLease, IsSettledWhenReleasedAndSeenReady) {
  EXPECT_EQ(Judge(Released(), HealthyView(now_)), LeaseState::kSettled);
}

TEST_F(LbLease, IsNotSettledUnseen) {
  ClusterView view = HealthyView(now_);
  view.load_balancers["lb-01"].fresh.lb_servers = Noon();
  EXPECT_EQ(Judge(Released(), view), LeaseState::kNeedsLook);
}

TEST_F(LbLease, IsReleasedAgainWhileTheServerIsOut) {
  ClusterView view = HealthyView(now_);
  Server(&view, "node-01")->set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_EQ(Judge(Released(), view), LeaseState::kNeedsUndo);
  view.load_balancers["lb-01"].report.clear_lb_servers();
  EXPECT_EQ(Judge(Released(), view), LeaseState::kNeedsUndo);
}

// The answer to an act may have been lost with an earlier life of the coordinator.
TEST_F(LbLease, WhoseActIsUnderWayIsReleasedOnceItsAgentHasItOnRecord) {
  std::vector<v1::JournalRecord> records = Drained();
  records.pop_back();
  ClusterView view = HealthyView(now_);
  EXPECT_EQ(Judge(records, view), LeaseState::kWaiting);
  view.load_balancers["lb-01"].report.add_leases()->set_id("jettyfleet-d-1-node-01-lb");
  EXPECT_EQ(Judge(records, view), LeaseState::kNeedsUndo);
  view.load_balancers["lb-01"].fresh.lb_servers = Noon() - absl::Seconds(1);
  EXPECT_EQ(Judge(records, view), LeaseState::kWaiting);
}

TEST(FaultLease, WhoseActIsUnderWayIsUndoneOnceItsAgentHasItOnRecord) {
  v1::Action freeze;
  freeze.mutable_freeze_unit()->set_lease_id("jettyfleet-d-1-node-01-fault");
  *freeze.mutable_freeze_unit()->mutable_duration() = ToProto(absl::Seconds(60));
  const Operation operation = OperationFrom(
      {Began(), Entered("node-01", v1::NODE_STEP_ACT), Issued(kAct, "node-01", "node-01", freeze, false, Noon())},
      Noon());
  const absl::Time now = Noon() + absl::Seconds(6);
  ClusterView view = HealthyView(now);
  const auto judge = [&] { return JudgeLease(LeasesOf(operation).at(0), operation, view, now); };
  EXPECT_EQ(judge(), LeaseState::kWaiting);
  view.nodes["node-01"].report.add_leases()->set_id("jettyfleet-d-1-node-01-fault");
  EXPECT_EQ(judge(), LeaseState::kNeedsUndo);
  view.nodes["node-01"].fresh.units = Noon() - absl::Seconds(1);
  EXPECT_EQ(judge(), LeaseState::kWaiting);
}

TEST(LeasesOf, RearmingMovesTheEnd) {
  const Operation operation = OperationFrom(
      {Began(), Entered("node-01", v1::NODE_STEP_DRAIN),
       Issued("d-1/node-01/drain-lb/7.1", "lb-01", "node-01",
              ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_DRAIN), false, Noon()),
       Issued("d-1/node-01/maint-lb/7.1", "lb-01", "node-01",
              ServerAction("node-01", v1::LbServerFact::ADMIN_STATE_MAINT), false, Noon() + absl::Seconds(30))},
      Noon());
  const std::vector<Lease> leases = LeasesOf(operation);
  ASSERT_EQ(leases.size(), 1u);
  EXPECT_EQ(leases[0].acts.size(), 2u);
  EXPECT_EQ(leases[0].earliest_end, Noon() + absl::Seconds(150));
  EXPECT_EQ(leases[0].latest_end, Noon() + absl::Seconds(30 + 5 + 20 + 120));
}

}  // namespace
}  // namespace jettyfleet
