#include "coordinator/plan/prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Pacemaker predicts nothing but that web goes on where it runs.
v1::Prediction Steady() {
  v1::Prediction prediction;
  prediction.set_predicted(v1::ANSWER_YES);
  v1::PredictedPlacement* const placement = prediction.add_placements();
  placement->set_resource("web");
  for (const char* const node : {"node-03", "node-01", "node-02"}) placement->add_nodes(node);
  return prediction;
}

void Expect(v1::Prediction* prediction, const char* task, const char* resource, const char* node) {
  v1::PredictedOperation* const operation = prediction->add_operations();
  operation->set_task(task);
  operation->set_resource(resource);
  operation->set_node(node);
}

ClusterView ViewWithProcesses() {
  ClusterView view = HealthyView();
  uint32_t process = 100;
  for (auto& [node, host] : view.nodes) host.report.mutable_units(0)->set_main_pid(process++);
  return view;
}

v1::Action SetCloneMax() {
  v1::Action action;
  action.mutable_set_meta()->set_target("web-clone");
  return action;
}

TEST(DisruptionTest, StoppingWhatRunsIsOne) {
  v1::Prediction prediction = Steady();
  EXPECT_THAT(DisruptionOf(SetCloneMax(), prediction, HealthyView()).instances, IsEmpty());
  Expect(&prediction, "stop", "web:2", "node-03");
  Expect(&prediction, "start", "web", "node-01");
  const Disruption disruption = DisruptionOf(SetCloneMax(), prediction, HealthyView());
  EXPECT_THAT(disruption.instances, ElementsAre("web on node-03"));
  EXPECT_THAT(disruption.nodes, ElementsAre("node-03"));
  EXPECT_FALSE(disruption.unknown);
}

TEST(DisruptionTest, StoppingWhatHasFailedOrDoesNotRunIsNone) {
  ClusterView view = HealthyView();
  v1::FailureFact* const failure = Dc(&view)->add_failures();
  failure->set_resource("web");
  failure->set_node("node-03");
  v1::Prediction prediction = Steady();
  Expect(&prediction, "stop", "web", "node-03");
  Expect(&prediction, "stop", "web", "node-09");
  Expect(&prediction, "stop", "other", "node-01");
  EXPECT_THAT(DisruptionOf(SetCloneMax(), prediction, view).instances, IsEmpty());
}

TEST(DisruptionTest, WhatCannotBePredictedIsUnknownUnlessItsKindStopsNothing) {
  v1::Prediction none;
  none.set_error("crm_simulate is not installed");
  EXPECT_TRUE(DisruptionOf(SetCloneMax(), none, HealthyView()).unknown);
  v1::Action cleanup;
  cleanup.mutable_cleanup_resource();
  EXPECT_FALSE(DisruptionOf(cleanup, none, HealthyView()).unknown);
  v1::Action disable;
  disable.mutable_disable_unit();
  EXPECT_FALSE(DisruptionOf(disable, none, HealthyView()).unknown);
}

TEST(SurpriseTest, WhatHappenedAsPredictedIsNone) {
  const ClusterView view = ViewWithProcesses();
  EXPECT_EQ(Surprise(Steady(), InstancesOf(view), view), "");
}

TEST(SurpriseTest, AnotherPlacementIsOne) {
  const ClusterView before = ViewWithProcesses();
  ClusterView after = before;
  InEveryView(&after, [](v1::ClusterFact* fact) { fact->mutable_instances()->RemoveLast(); });
  EXPECT_EQ(Surprise(Steady(), InstancesOf(before), after),
            "Pacemaker was expected to run web on node-01, node-02, node-03, and it runs on node-01, node-02");
}

TEST(SurpriseTest, APredictionIsForTheMembersThatThereWere) {
  ClusterView before = ViewWithProcesses();
  InEveryView(&before, [](v1::ClusterFact* fact) { fact->mutable_nodes(2)->set_online(false); });
  v1::Prediction two = Steady();
  two.mutable_placements(0)->mutable_nodes()->DeleteSubrange(0, 1);
  EXPECT_EQ(Surprise(two, InstancesOf(before), ViewWithProcesses()), "") << "node-03 came back and runs one";
  EXPECT_NE(Surprise(two, InstancesOf(ViewWithProcesses()), ViewWithProcesses()), "");
}

TEST(SurpriseTest, WhatIsNotManagedRunsWhereItIsFound) {
  const ClusterView before = ViewWithProcesses();
  ClusterView after = before;
  InEveryView(&after, [](v1::ClusterFact* fact) {
    fact->mutable_instances()->RemoveLast();
    for (v1::InstanceFact& instance : *fact->mutable_instances()) instance.set_managed(false);
  });
  EXPECT_EQ(Surprise(Steady(), InstancesOf(before), after), "");
  EXPECT_TRUE(AnyUnmanaged(*Dc(&after)));
}

TEST(SurpriseTest, AnInstanceThatDoesNotStartIsNamedWithItsJournal) {
  const ClusterView before = ViewWithProcesses();
  ClusterView after = before;
  InEveryView(&after, [](v1::ClusterFact* fact) {
    fact->mutable_instances(2)->set_role("Stopped");
    v1::FailureFact* const failure = fact->add_failures();
    failure->set_resource("web");
    failure->set_node("node-03");
    failure->set_operation("start");
    failure->set_exit_reason("inactive");
  });
  after.nodes.at("node-03").report.mutable_units(0)->add_journal_tail("Address already in use");
  EXPECT_THAT(Surprise(Steady(), InstancesOf(before), after),
              HasSubstr("start failed on node-03: inactive; journal: Address already in use"));
}

TEST(SurpriseTest, AnInstanceThatWasRestartedUnasked) {
  const ClusterView before = ViewWithProcesses();
  ClusterView after = before;
  after.nodes.at("node-02").report.mutable_units(0)->set_main_pid(999);
  EXPECT_THAT(Surprise(Steady(), InstancesOf(before), after),
              HasSubstr("web on node-02 was not expected to stop, and it was started again (process 101 is now 999)"));
  v1::Prediction asked = Steady();
  Expect(&asked, "stop", "web", "node-02");
  EXPECT_EQ(Surprise(asked, InstancesOf(before), after), "");
}

TEST(SurpriseTest, WhatWasNotPredictedSurprisesNobody) {
  ClusterView after = ViewWithProcesses();
  InEveryView(&after, [](v1::ClusterFact* fact) { fact->clear_instances(); });
  EXPECT_EQ(Surprise(v1::Prediction(), InstancesOf(ViewWithProcesses()), after), "");
}

}  // namespace
}  // namespace jettyfleet
