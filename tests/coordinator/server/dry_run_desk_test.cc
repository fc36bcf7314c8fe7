// A dry run asks one node after the other, and answers whatever comes of that.
#include "coordinator/server/dry_run_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A coordinator's core with one described cluster, "c", whose agents answer what they are told to.
class DryRunDeskTest : public testing::Test {
 protected:
  DryRunDeskTest() {
    registry_.Expect("c");
    ClusterView view = HealthyView(SystemClock().WallNow());
    // No drill holds the cluster.
    for (auto& [name, host] : view.nodes) host.report.mutable_cib()->clear_ours();
    *registry_.Find("c") = view;
    thread_ = std::thread([this] { core_.Run(); });
  }
  ~DryRunDeskTest() override {
    core_.Stop();
    thread_.join();
  }

  static v1::DrillSpec Spec(v1::Scenario scenario) {
    v1::DrillSpec spec;
    spec.set_cluster("c");
    spec.set_scenario(scenario);
    spec.set_allow_fencing(true);
    return spec;
  }
  grpc::Status DryRun(const v1::DrillSpec& spec) {
    std::promise<grpc::Status> result;
    core_.Post([&] {
      desk_.DryRun(spec, &response_, [&result](grpc::Status status) { result.set_value(std::move(status)); });
    });
    return result.get_future().get();
  }
  // On the core: the DC's agent has the action, and its answer is in the view.
  bool OnSent(const std::string& host, const v1::Action& action) {
    asked_.push_back(host + " " + action.id().substr(action.id().find('/') + 1));
    v1::ActionResult answer = answer_;
    answer.set_action_id(action.id());
    registry_.Find("c")->results[action.id()] = answer;
    return connected_;
  }

  CoreLoop core_{SystemClock()};
  Registry registry_{"uuid-1", 7, "elsewhere"};
  bool connected_ = true;
  v1::ActionResult answer_ = [] {
    v1::ActionResult answer;
    answer.set_outcome(v1::ActionResult::OUTCOME_DONE);
    answer.add_predictions()->set_predicted(v1::ANSWER_YES);
    answer.mutable_predictions(0)->add_operations()->set_task("stop");
    return answer;
  }();
  std::vector<std::string> asked_;
  DryRunDesk desk_{
      core_, registry_, SystemClock(),
      [this](const std::string&, const std::string& host, const v1::Action& action) { return OnSent(host, action); }};
  v1::DryRunDrillResponse response_;
  std::thread thread_;
};

TEST_F(DryRunDeskTest, EveryNodeInItsOrder) {
  ASSERT_TRUE(DryRun(Spec(v1::SCENARIO_EVICT)).ok());
  EXPECT_THAT(asked_, ElementsAre("node-02 node-01/predict", "node-02 node-03/predict", "node-02 node-02/predict"));
  ASSERT_EQ(response_.visits_size(), 3);
  EXPECT_EQ(response_.visits(2).node(), "node-02");
  EXPECT_TRUE(response_.visits(2).is_dc());
  for (const v1::PlannedVisit& visit : response_.visits()) {
    EXPECT_THAT(visit.gate(), ElementsAre());
    EXPECT_EQ(visit.predicted().error(), "");
    EXPECT_EQ(visit.predicted().operations(0).task(), "stop");
  }
  EXPECT_TRUE(response_.spec().has_lease()) << "filled in";
  EXPECT_TRUE(registry_.Find("c")->results.empty()) << "nobody else waits for these";
}

TEST_F(DryRunDeskTest, WhatPacemakerDoesNotNoticeIsNotAskedFor) {
  ASSERT_TRUE(DryRun(Spec(v1::SCENARIO_UNIT_FREEZE)).ok());
  EXPECT_THAT(asked_, ElementsAre());
  ASSERT_EQ(response_.visits_size(), 3);
  EXPECT_FALSE(response_.visits(0).has_predicted());
}

TEST_F(DryRunDeskTest, WhoeverIsDc) {
  ASSERT_TRUE(DryRun(Spec(v1::SCENARIO_DC_LOSS)).ok());
  EXPECT_THAT(asked_, ElementsAre("node-02 node-02/predict"));
}

TEST_F(DryRunDeskTest, WhatTheGateWouldSay) {
  Dc(registry_.Find("c"))->set_maintenance_mode(true);
  ASSERT_TRUE(DryRun(Spec(v1::SCENARIO_EVICT)).ok());
  EXPECT_THAT(response_.visits(0).gate(), ElementsAre(HasSubstr("maintenance mode")));
}

TEST_F(DryRunDeskTest, APredictionThatIsNotHadSaysWhy) {
  answer_.set_outcome(v1::ActionResult::OUTCOME_REFUSED);
  answer_.set_message("cannot read the CIB");
  ASSERT_TRUE(DryRun(Spec(v1::SCENARIO_EVICT)).ok());
  EXPECT_EQ(response_.visits(0).predicted().error(), "cannot read the CIB");
  response_.Clear();
  connected_ = false;
  ASSERT_TRUE(DryRun(Spec(v1::SCENARIO_EVICT)).ok());
  EXPECT_EQ(response_.visits(0).predicted().error(), "the agent of node-02, the DC, is not connected");
}

TEST_F(DryRunDeskTest, WhatCouldNotBegin) {
  v1::DrillSpec spec = Spec(v1::SCENARIO_EVICT);
  spec.set_resource("other");
  EXPECT_EQ(DryRun(spec).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  Dc(registry_.Find("c"))->set_dc_with_quorum(v1::ANSWER_NO);
  EXPECT_EQ(DryRun(Spec(v1::SCENARIO_EVICT)).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace jettyfleet
