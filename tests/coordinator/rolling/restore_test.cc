#include "coordinator/rolling/restore.h"

#include <gtest/gtest.h>

#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

// Everything that a drill can leave: a rule, a drained server, the lock.
ClusterView LeftOver() {
  ClusterView view = HealthyView();
  v1::CibEntryFact* rule = view.nodes["node-02"].report.mutable_cib()->add_ours();
  rule->set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
  rule->set_id("jettyfleet-d-1-node-01");
  rule->set_node("node-01");
  rule->set_operation_id("d-1");
  v1::LeaseFact* lease = view.load_balancers["lb-01"].report.add_leases();
  lease->set_id("jettyfleet-d-1-node-01-lb");
  lease->set_operation_id("d-1");
  lease->set_kind("lb-server");
  lease->set_target("app/node-01");
  return view;
}

TEST(Restore, HasNothingToDoInACleanCluster) {
  ClusterView view = HealthyView();
  for (auto& [name, host] : view.nodes) host.report.mutable_cib()->clear_ours();
  EXPECT_TRUE(PlanRestore(view, "r-1", /*take_over=*/false, Noon()).empty());
}

TEST(Restore, UndoesServersThenTheCibThenTheLock) {
  const std::vector<RestoreStep> steps = PlanRestore(LeftOver(), "r-1", /*take_over=*/false, Noon());
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].action.host, "lb-01");
  EXPECT_EQ(steps[0].action.action.set_lb_server().server(), "node-01");
  EXPECT_EQ(steps[0].action.action.set_lb_server().state(), v1::LbServerFact::ADMIN_STATE_READY);
  EXPECT_EQ(steps[0].action.action.set_lb_server().lease_id(), "jettyfleet-d-1-node-01-lb");
  EXPECT_EQ(steps[1].action.host, "node-02");
  EXPECT_EQ(steps[1].action.action.remove_cib_lease().lease_id(), "jettyfleet-d-1-node-01");
  EXPECT_TRUE(steps[2].action.action.has_release_lock());
  for (const RestoreStep& step : steps) {
    EXPECT_TRUE(step.action.undo);
    EXPECT_FALSE(step.action.action.has_not_after()) << "undo is never too late";
    EXPECT_EQ(step.action.action.epoch(), 7u);
  }
  EXPECT_EQ(steps[0].action.action.id(), "restore/r-1/1");
  EXPECT_EQ(steps[2].action.action.id(), "restore/r-1/3");
}

TEST(Restore, GivesAWeightBack) {
  ClusterView view = LeftOver();
  v1::LeaseFact* lease = view.load_balancers["lb-01"].report.mutable_leases(0);
  lease->set_kind("lb-weight");
  const std::vector<RestoreStep> steps = PlanRestore(view, "r-1", /*take_over=*/false, Noon());
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].action.action.set_lb_weight().mode(), v1::SetLbWeight::MODE_BACK);
  EXPECT_EQ(steps[0].action.action.set_lb_weight().lease_id(), "jettyfleet-d-1-node-01-lb");
  EXPECT_EQ(steps[0].action.action.set_lb_weight().server(), "node-01");
}

TEST(Restore, LeavesTheLockOfAnotherThatStillHoldsIt) {
  ClusterView view = LeftOver();
  view.nodes["node-02"].report.mutable_cib()->mutable_ours(0)->set_holder("uuid-2");
  std::vector<RestoreStep> steps = PlanRestore(view, "r-1", /*take_over=*/false, Noon());
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_NE(steps[2].problem.find("uuid-2 holds it"), std::string::npos) << steps[2].problem;
  EXPECT_EQ(steps[2].action.host, "");
  steps = PlanRestore(view, "r-1", /*take_over=*/false, Noon() + absl::Minutes(3));
  EXPECT_TRUE(steps[2].action.action.has_release_lock());
}

TEST(Restore, TakesOverFromOneThatIsGone) {
  ClusterView view = LeftOver();
  view.nodes["node-02"].report.mutable_cib()->mutable_ours(0)->set_holder("uuid-2");
  const std::vector<RestoreStep> steps = PlanRestore(view, "r-1", /*take_over=*/true, Noon());
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[2].problem, "");
  EXPECT_EQ(steps[2].action.action.release_lock().holder(), "uuid-2");
}

TEST(Restore, SaysWhatItCannotReach) {
  ClusterView view = LeftOver();
  view.load_balancers["lb-01"].connected = false;
  Dc(&view)->set_dc_with_quorum(v1::ANSWER_NO);
  const std::vector<RestoreStep> steps = PlanRestore(view, "r-1", /*take_over=*/false, Noon());
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_NE(steps[0].problem.find("not connected"), std::string::npos);
  EXPECT_NE(steps[1].problem.find("no DC with quorum"), std::string::npos);
}

TEST(Restore, LeavesAnOperatorsDrainAlone) {
  ClusterView view = HealthyView();
  for (auto& [name, host] : view.nodes) host.report.mutable_cib()->clear_ours();
  Server(&view, "node-03")->set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
  EXPECT_TRUE(PlanRestore(view, "r-1", /*take_over=*/false, Noon()).empty());
}

}  // namespace
}  // namespace jettyfleet
