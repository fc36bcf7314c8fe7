#include "coordinator/rolling/budget.h"

#include <gtest/gtest.h>

#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

Operation WithBudget(const v1::TrafficBudget& budget) {
  v1::JournalRecord began = Began();
  *began.mutable_operation_began()->mutable_spec()->mutable_budget() = budget;
  return OperationFrom({began}, Noon());
}

TEST(Budget, HoldsWithoutTraffic) { EXPECT_FALSE(OverspentBudget(WithBudget({}), HealthyView()).has_value()); }

TEST(Budget, IsOverspentByOneRequestMore) {
  v1::TrafficBudget budget;
  budget.set_failed_requests(2);
  ClusterView view = HealthyView();
  view.traffic.windows[""].set_failures(2);
  EXPECT_FALSE(OverspentBudget(WithBudget(budget), view).has_value());
  view.traffic.windows[""].set_failures(3);
  EXPECT_EQ(OverspentBudget(WithBudget(budget), view), "3 requests failed, the budget is 2");
}

TEST(Budget, JudgesSessionsOnlyWhenAskedTo) {
  v1::TrafficBudget budget;
  ClusterView view = HealthyView();
  view.traffic.windows[""].set_sessions_lost(1);
  EXPECT_FALSE(OverspentBudget(WithBudget(budget), view).has_value());
  budget.set_judge_sessions(true);
  EXPECT_EQ(OverspentBudget(WithBudget(budget), view), "1 sessions were lost, the budget is 0");
  budget.set_lost_sessions(1);
  EXPECT_FALSE(OverspentBudget(WithBudget(budget), view).has_value());
  view.traffic.windows[""].set_sessions_regressed(1);
  EXPECT_EQ(OverspentBudget(WithBudget(budget), view), "1 sessions went back, the budget is 0");
}

TEST(Budget, JudgesTheGapWhenOneIsNamed) {
  v1::TrafficBudget budget;
  ClusterView view = HealthyView();
  view.traffic.windows[""].set_longest_gap_ms(900);
  EXPECT_FALSE(OverspentBudget(WithBudget(budget), view).has_value());
  budget.set_longest_gap_ms(500);
  EXPECT_EQ(OverspentBudget(WithBudget(budget), view), "no answer came for 900 ms, the budget is 500");
}

TEST(Budget, JudgesTheSlowestOfAHundredWhileANodeIsOut) {
  v1::TrafficBudget budget;
  budget.set_p99_ms(200);
  v1::JournalRecord began = Began();
  *began.mutable_operation_began()->mutable_spec()->mutable_budget() = budget;
  const Operation out = OperationFrom({began, Entered("node-01", v1::NODE_STEP_LEAVE)}, Noon());
  ClusterView view = HealthyView();
  v1::TrafficSummary& visit = view.traffic.windows["node-01/visit"];
  visit.set_requests(100);
  visit.set_p99_us(200'999);
  EXPECT_EQ(OverspentBudget(out, view),
            "one in a hundred answers took longer than 200 ms while node-01 was out, the budget is 200 ms");
  visit.set_p99_us(200'000);
  EXPECT_FALSE(OverspentBudget(out, view).has_value());
  visit.set_p99_us(900'000);
  visit.set_requests(99);
  EXPECT_FALSE(OverspentBudget(out, view).has_value()) << "too few to tell";
  visit.set_requests(100);
  visit.set_failures(1);
  EXPECT_FALSE(OverspentBudget(WithBudget(budget), view).has_value()) << "that node is not visited";
  // By the record of a visit that is over, whatever the probe still knows of it.
  v1::JournalRecord ended;
  ended.mutable_node_ended()->mutable_report()->set_node("node-01");
  v1::TrafficSummary* const told = ended.mutable_node_ended()->mutable_report()->mutable_traffic();
  told->set_requests(1000);
  told->set_p99_us(300'000);
  EXPECT_TRUE(
      OverspentBudget(OperationFrom({began, Entered("node-01", v1::NODE_STEP_GATE), ended}, Noon()), HealthyView())
          .has_value());
}

TEST(Budget, CountsWhatAnEarlierLifeSaw) {
  v1::JournalRecord node_ended;
  node_ended.mutable_node_ended()->mutable_report()->set_node("node-01");
  node_ended.mutable_node_ended()->mutable_report()->mutable_traffic()->set_failures(1);
  v1::JournalRecord resumed;
  resumed.mutable_operation_resumed();
  ClusterView view = HealthyView();
  // Without a restart the probe's own total holds the visit already.
  EXPECT_FALSE(
      OverspentBudget(OperationFrom({Began(), Entered("node-01", v1::NODE_STEP_GATE), node_ended}, Noon()), view)
          .has_value());
  EXPECT_TRUE(OverspentBudget(
                  OperationFrom({Began(), Entered("node-01", v1::NODE_STEP_GATE), node_ended, resumed}, Noon()), view)
                  .has_value());
}

}  // namespace
}  // namespace jettyfleet
