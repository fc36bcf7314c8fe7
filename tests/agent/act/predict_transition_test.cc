#include "agent/act/predict_transition.h"

#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "absl/strings/str_split.h"
#include "tests/agent/act/actor_fixture.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;
using Look = v1::PredictTransition;

Look About(Look::Cause cause, const std::string& resource) {
  Look look;
  look.set_cause(cause);
  look.set_node("node-02");
  look.set_resource(resource);
  return look;
}

// What an XPath finds in it.
int Count(const std::string& xml, const char* xpath) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(xml.c_str()));
  return static_cast<int>(document.select_nodes(xpath).size());
}

TEST(CibWith, KeepsInstancesOffTheNodeAndNothingElse) {
  const std::string healthy = ClusterFixture("cibadmin-healthy-fencing.xml");
  const struct {
    Look look;
    const char* xpath;
  } cases[] = {
      {About(Look::CAUSE_EVICTED, "jetty-clone"),
       "//constraints/rsc_location[@rsc='jetty-clone'][@node='node-02'][@score='-INFINITY']"},
      {About(Look::CAUSE_STANDBY, ""),
       "//nodes/node[@uname='node-02']/instance_attributes[@score='INFINITY']/nvpair[@name='standby'][@value='on']"},
  };
  for (const auto& test : cases) {
    const absl::StatusOr<std::string> changed = CibWith(test.look, healthy);
    ASSERT_TRUE(changed.ok()) << changed.status();
    EXPECT_EQ(Count(*changed, test.xpath), 1);
    EXPECT_EQ(Count(healthy, test.xpath), 0);
    EXPECT_EQ(Count(*changed, "//primitive"), Count(healthy, "//primitive"));
    EXPECT_EQ(Count(*changed, "//lrm_rsc_op"), Count(healthy, "//lrm_rsc_op"));
  }
  for (const Look& look : {About(Look::CAUSE_MONITOR_FAILS, "jetty"), About(Look::CAUSE_NODE_LOST, "")}) {
    const absl::StatusOr<std::string> same = CibWith(look, healthy);
    ASSERT_TRUE(same.ok()) << same.status();
    EXPECT_EQ(Count(*same, "//*"), Count(healthy, "//*"));
  }
}

TEST(CibWith, NamesWhatIsNotThere) {
  const std::string healthy = ClusterFixture("cibadmin-healthy-fencing.xml");
  Look elsewhere = About(Look::CAUSE_STANDBY, "");
  elsewhere.set_node("node-09");
  EXPECT_EQ(CibWith(elsewhere, healthy).status().message(), "the cluster has no node node-09");
  EXPECT_EQ(CibWith(About(Look::CAUSE_EVICTED, "web"), healthy).status().message(), "the cluster has no resource web");
  EXPECT_EQ(CibWith(elsewhere, "<cib").status().message(), "cibadmin printed no CIB");
}

TEST(MonitorInterval, IsThatOfTheHistory) {
  const std::string healthy = ClusterFixture("cibadmin-healthy-fencing.xml");
  const absl::StatusOr<std::string> interval = MonitorInterval(About(Look::CAUSE_MONITOR_FAILS, "jetty"), healthy);
  ASSERT_TRUE(interval.ok()) << interval.status();
  EXPECT_EQ(*interval, "30000");
  EXPECT_EQ(MonitorInterval(About(Look::CAUSE_MONITOR_FAILS, "web"), healthy).status().message(),
            "no monitor of web has run on node-02 that could find it stopped");
  EXPECT_EQ(MonitorInterval(About(Look::CAUSE_MONITOR_FAILS, "jetty"), "no xml").status().message(),
            "cibadmin printed no CIB");
}

class PredictTransitionTest : public ActorFixture {
 protected:
  v1::ActionResult Ask(const Look& look) {
    v1::Action action = NewAction();
    *action.mutable_predict_transition() = look;
    cluster_.Next("cibadmin", FakeCluster::Exit(0, ClusterFixture("cibadmin-healthy-fencing.xml")));
    return Execute(action);
  }
  void Simulates(const std::string& fixture) {
    cluster_.BeforeNext("crm_simulate", [this] {
      const std::vector<std::string> words = absl::StrSplit(cluster_.calls.back(), ' ');
      std::ostringstream xml;
      xml << std::ifstream(words[4]).rdbuf();
      tried_ = xml.str();
    });
    cluster_.Next("crm_simulate", FakeCluster::Exit(0, ClusterFixture(fixture)));
  }
  bool AnyCopyLeft() const {
    for (const auto& file : std::filesystem::directory_iterator(options_.state_dir)) {
      if (file.path().string().find("look-") != std::string::npos) return true;
    }
    return false;
  }
  std::string tried_;
};

TEST_F(PredictTransitionTest, ChangesACopyAndAsksPacemaker) {
  cluster_.quorumtool_exit = 2;  // neither quorum nor lock is needed
  Simulates("crm_simulate-move.xml");
  const v1::ActionResult result = Ask(About(Look::CAUSE_EVICTED, "jetty-clone"));
  EXPECT_THAT(result, IsDone());
  ASSERT_EQ(result.predictions_size(), 1);
  EXPECT_EQ(result.predictions(0).operations(0).task(), "stop");
  EXPECT_EQ(Count(tried_, "//rsc_location[@node='node-02']"), 1);
  EXPECT_FALSE(AnyCopyLeft());
}

TEST_F(PredictTransitionTest, AFailedMonitorIsRecoveredFrom) {
  Simulates("crm_simulate-monitor-fails.xml");
  const v1::ActionResult result = Ask(About(Look::CAUSE_MONITOR_FAILS, "jetty"));
  EXPECT_THAT(cluster_.calls, Contains(HasSubstr("--op-inject jetty_monitor_30000@node-02=7")));
  ASSERT_EQ(result.predictions(0).operations_size(), 2);
  EXPECT_EQ(result.predictions(0).operations(1).task(), "start");
  EXPECT_EQ(result.predictions(0).operations(1).node(), "node-02");
}

TEST_F(PredictTransitionTest, ALostNodeIsFenced) {
  Simulates("crm_simulate-node-lost.xml");
  const v1::ActionResult result = Ask(About(Look::CAUSE_NODE_LOST, ""));
  EXPECT_THAT(cluster_.calls, Contains(HasSubstr("--node-fail node-02")));
  ASSERT_EQ(result.predictions(0).operations_size(), 1);
  EXPECT_EQ(result.predictions(0).operations(0).task(), "fence");
  EXPECT_EQ(result.predictions(0).operations(0).node(), "node-02");
}

TEST_F(PredictTransitionTest, WhatCannotBeToldIsUnknown) {
  const v1::ActionResult missing = Ask(About(Look::CAUSE_EVICTED, "web"));
  EXPECT_THAT(missing, IsDone());
  EXPECT_EQ(missing.predictions(0).predicted(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(missing.predictions(0).error(), "the cluster has no resource web");
  cluster_.Next("crm_simulate", FakeCluster::Exit(1, "", "crm_simulate: no such thing\n"));
  const v1::ActionResult broken = Ask(About(Look::CAUSE_STANDBY, ""));
  EXPECT_THAT(broken.predictions(0).error(), StartsWith("crm_simulate: "));
  EXPECT_FALSE(AnyCopyLeft());
}

TEST_F(PredictTransitionTest, FieldsAreChecked) {
  EXPECT_THAT(Ask(About(Look::CAUSE_UNSPECIFIED, "")), IsRefused("field cause is none that this agent knows"));
  EXPECT_THAT(Ask(About(Look::CAUSE_STANDBY, "jetty")), IsRefused("field resource is of no use"));
  EXPECT_THAT(Ask(About(Look::CAUSE_EVICTED, "--all")), IsRefused("field resource"));
  Look option = About(Look::CAUSE_NODE_LOST, "");
  option.set_node("--force");
  EXPECT_THAT(Ask(option), IsRefused("field node"));
}

}  // namespace
}  // namespace jettyfleet
