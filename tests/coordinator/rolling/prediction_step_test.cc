#include "coordinator/rolling/prediction_step.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/coordinator/rolling/decide_case.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using Look = v1::PredictTransition;

struct QuestionCase {
  const char* name;
  v1::Scenario scenario;
  v1::KillDaemon::Daemon daemon;
  Look::Cause cause;  // unspecified: no question
  const char* resource;
};

constexpr auto kNoDaemon = v1::KillDaemon::DAEMON_UNSPECIFIED;

const QuestionCase kQuestions[] = {
    {"evict", v1::SCENARIO_EVICT, kNoDaemon, Look::CAUSE_EVICTED, "web-clone"},
    {"rollout", v1::SCENARIO_ROLLOUT, kNoDaemon, Look::CAUSE_EVICTED, "web-clone"},
    {"standby", v1::SCENARIO_STANDBY, kNoDaemon, Look::CAUSE_STANDBY, ""},
    {"unit_stop", v1::SCENARIO_UNIT_STOP, kNoDaemon, Look::CAUSE_MONITOR_FAILS, "web"},
    {"unit_kill", v1::SCENARIO_UNIT_KILL, kNoDaemon, Look::CAUSE_MONITOR_FAILS, "web"},
    {"unit_freeze", v1::SCENARIO_UNIT_FREEZE, kNoDaemon, Look::CAUSE_UNSPECIFIED, ""},
    {"port_blackhole", v1::SCENARIO_PORT_BLACKHOLE, kNoDaemon, Look::CAUSE_UNSPECIFIED, ""},
    {"peer_partition", v1::SCENARIO_PEER_PARTITION, kNoDaemon, Look::CAUSE_NODE_LOST, ""},
    {"node_crash", v1::SCENARIO_NODE_CRASH, kNoDaemon, Look::CAUSE_NODE_LOST, ""},
    {"dc_loss", v1::SCENARIO_DC_LOSS, kNoDaemon, Look::CAUSE_NODE_LOST, ""},
    {"corosync", v1::SCENARIO_DAEMON_KILL, v1::KillDaemon::DAEMON_COROSYNC, Look::CAUSE_NODE_LOST, ""},
    {"another_daemon", v1::SCENARIO_DAEMON_KILL, v1::KillDaemon::DAEMON_FENCED, Look::CAUSE_UNSPECIFIED, ""},
};

class Question : public testing::TestWithParam<QuestionCase> {};

TEST_P(Question, FollowsFromTheScenario) {
  v1::DrillSpec spec = EvictSpec();
  spec.set_scenario(GetParam().scenario);
  spec.set_daemon(GetParam().daemon);
  ClusterView view = HealthyView();
  const auto look = QuestionAbout(spec, *Dc(&view), view.description.resources(0), "node-03");
  ASSERT_EQ(look.has_value(), GetParam().cause != Look::CAUSE_UNSPECIFIED);
  if (!look.has_value()) return;
  EXPECT_EQ(look->cause(), GetParam().cause);
  EXPECT_EQ(look->resource(), GetParam().resource);
  EXPECT_EQ(look->node(), "node-03");
}

INSTANTIATE_TEST_SUITE_P(Each, Question, testing::ValuesIn(kQuestions),
                         [](const testing::TestParamInfo<QuestionCase>& info) { return std::string(info.param.name); });

TEST(QuestionAbout, AnInstanceThatIsNotThereIsNotAskedFor) {
  ClusterView view = HealthyView();
  Dc(&view)->clear_instances();
  EXPECT_FALSE(QuestionAbout(EvictSpec(), *Dc(&view), view.description.resources(0), "node-01").has_value());
}

// A visit of node-01 by evict, over and whole again; crm_simulate had said that its instance stops.
class SurprisesTest : public testing::Test {
 protected:
  std::vector<std::string> Told() {
    std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_BASELINE);
    records.push_back(BaselineTaken());
    if (predicted_.has_transition_predicted()) records.push_back(predicted_);
    if (left_) records.push_back(Reached("node-01", v1::NODE_STEP_LEAVE));
    Operation operation = OperationFrom(records, Noon());
    operation.spec.set_scenario(scenario_);
    const Desk desk(operation, view_, Noon());
    std::vector<std::string> told;
    for (const v1::Surprise& surprise : Surprises(*operation.Current(), desk)) told.push_back(surprise.text());
    return told;
  }
  v1::PredictedTransition* predicted() { return predicted_.mutable_transition_predicted()->mutable_predicted(); }
  void Runs(const std::string& resource, const std::string& node) {
    v1::InstanceFact* const instance = Dc(&view_)->add_instances();
    instance->set_resource(resource);
    instance->set_active(true);
    instance->add_nodes(node);
  }

  ClusterView view_ = HealthyView();
  v1::JournalRecord predicted_ = PredictionTaken();
  v1::Scenario scenario_ = v1::SCENARIO_EVICT;
  bool left_ = true;
};

TEST_F(SurprisesTest, NoneWhereAllWentAsPredicted) { EXPECT_EQ(Told(), std::vector<std::string>()); }

TEST_F(SurprisesTest, AnInstanceThatLeftAgainstThePrediction) {
  predicted()->clear_operations();
  predicted()->clear_placements();
  EXPECT_EQ(Told(), std::vector<std::string>{"web on node-01 stopped, which was not predicted"});
}

TEST_F(SurprisesTest, AnInstanceThatStayedAgainstThePrediction) {
  left_ = false;
  EXPECT_EQ(Told(), std::vector<std::string>{"web on node-01 was predicted to stop, and did not"});
}

TEST_F(SurprisesTest, AnotherInstanceThatIsGone) {
  Dc(&view_)->mutable_instances(2)->set_active(false);
  EXPECT_EQ(Told(), std::vector<std::string>{"web on node-03 stopped, which was not predicted"});
}

TEST_F(SurprisesTest, AnotherResourceThatMoved) {
  Runs("address", "node-02");
  EXPECT_EQ(Told(), std::vector<std::string>{"address on node-02 started, which was not predicted"});
  v1::PredictedPlacement* const placement = predicted()->add_placements();
  placement->set_resource("address");
  placement->add_nodes("node-02");
  EXPECT_EQ(Told(), std::vector<std::string>()) << "it was to move there";
}

TEST_F(SurprisesTest, OneThatWentBackIsNone) {
  v1::PredictedPlacement* const placement = predicted()->add_placements();
  placement->set_resource("address");
  placement->add_nodes("node-03");
  EXPECT_EQ(Told(), std::vector<std::string>());
}

TEST_F(SurprisesTest, ARecoveryInPlaceIsPredictedWhole) {
  scenario_ = v1::SCENARIO_UNIT_KILL;
  predicted()->mutable_placements(0)->add_nodes("node-01");
  v1::PredictedOperation* const start = predicted()->add_operations();
  start->set_task("start");
  start->set_resource("web");
  start->set_node("node-01");
  EXPECT_EQ(Told(), std::vector<std::string>());
}

TEST_F(SurprisesTest, WithoutAPredictionNothingIsSurprising) {
  Runs("address", "node-02");
  predicted()->set_error("crm_simulate: not there");
  EXPECT_EQ(Told(), std::vector<std::string>());
  predicted_.clear_transition_predicted();
  EXPECT_EQ(Told(), std::vector<std::string>());
}

}  // namespace
}  // namespace jettyfleet
