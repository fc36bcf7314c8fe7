#include "agent/observe/crm_mon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

v1::ClusterFact Parse(const std::string& fixture) {
  absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(ClusterFixture(fixture));
  EXPECT_TRUE(fact.ok()) << fixture << ": " << fact.status();
  return fact.ok() ? *std::move(fact) : v1::ClusterFact();
}

const v1::ClusterNodeFact& Node(const v1::ClusterFact& fact, const std::string& name) {
  for (const v1::ClusterNodeFact& node : fact.nodes()) {
    if (node.name() == name) return node;
  }
  ADD_FAILURE() << "no node " << name;
  static const v1::ClusterNodeFact kNone;
  return kNone;
}

std::vector<std::string> Holders(const v1::ClusterFact& fact, const std::string& resource) {
  std::vector<std::string> nodes;
  for (const v1::InstanceFact& instance : fact.instances()) {
    if (instance.resource() == resource && instance.active()) {
      nodes.insert(nodes.end(), instance.nodes().begin(), instance.nodes().end());
    }
  }
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

TEST(CrmMonTest, AHealthyCluster) {
  const v1::ClusterFact fact = Parse("crm_mon-healthy.xml");
  EXPECT_EQ(fact.connected(), v1::ANSWER_YES);
  EXPECT_EQ(fact.dc_present(), v1::ANSWER_YES);
  EXPECT_EQ(fact.dc(), "node-03");
  EXPECT_EQ(fact.dc_with_quorum(), v1::ANSWER_YES);
  EXPECT_THAT(fact.pacemaker_version(), HasSubstr("2.1.5"));
  EXPECT_FALSE(fact.maintenance_mode());
  EXPECT_FALSE(fact.stonith_enabled());
  EXPECT_EQ(fact.error(), "");
  ASSERT_THAT(fact.nodes(), SizeIs(3));
  for (const v1::ClusterNodeFact& node : fact.nodes()) {
    EXPECT_TRUE(node.online() && node.expected_up()) << node.name();
    EXPECT_FALSE(node.standby() || node.unclean() || node.pending() || node.maintenance() || node.shutdown());
    EXPECT_EQ(node.is_dc(), node.name() == "node-03");
    EXPECT_EQ(node.resources_running(), 1u);
  }
  ASSERT_THAT(fact.instances(), SizeIs(3));
  for (const v1::InstanceFact& instance : fact.instances()) {
    EXPECT_EQ(instance.resource(), "jetty");
    EXPECT_EQ(instance.clone(), "jetty-clone");
    EXPECT_EQ(instance.agent(), "systemd:jetty9");
    EXPECT_EQ(instance.role(), "Started");
    EXPECT_TRUE(instance.active() && instance.managed());
    EXPECT_FALSE(instance.blocked() || instance.failed() || instance.orphaned() || instance.disabled());
  }
  EXPECT_THAT(Holders(fact, "jetty"), ElementsAre("node-01", "node-02", "node-03"));
  EXPECT_THAT(fact.failures(), IsEmpty());
  EXPECT_THAT(fact.bans(), IsEmpty());
  // What other tools tell is not made up here.
  EXPECT_EQ(fact.idle(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(fact.quorum().quorate(), v1::ANSWER_UNSPECIFIED);
}

TEST(CrmMonTest, AFenceDeviceIsAnInstanceWithoutClone) {
  const v1::ClusterFact fact = Parse("crm_mon-healthy-fencing.xml");
  EXPECT_TRUE(fact.stonith_enabled());
  ASSERT_THAT(fact.instances(), SizeIs(4));
  EXPECT_EQ(std::count_if(fact.instances().begin(), fact.instances().end(),
                          [](const v1::InstanceFact& instance) { return instance.clone().empty(); }),
            1);
}

TEST(CrmMonTest, WithoutADcNothingIsSaidAboutQuorum) {
  for (const char* const name : {"crm_mon-no-dc.xml", "crm_mon-no-dc-fencing.xml"}) {
    const v1::ClusterFact fact = Parse(name);
    EXPECT_EQ(fact.connected(), v1::ANSWER_YES) << name;
    EXPECT_EQ(fact.dc_present(), v1::ANSWER_NO) << name;
    EXPECT_EQ(fact.dc(), "") << name;
    EXPECT_EQ(fact.dc_with_quorum(), v1::ANSWER_UNSPECIFIED) << name;
  }
}

TEST(CrmMonTest, InAPartitionBothSidesNameADcAndOneHasQuorum) {
  const v1::ClusterFact minority = Parse("crm_mon-partition-minority.xml");
  const v1::ClusterFact majority = Parse("crm_mon-partition-majority.xml");
  EXPECT_EQ(minority.dc_present(), v1::ANSWER_YES);
  EXPECT_EQ(majority.dc_present(), v1::ANSWER_YES);
  EXPECT_NE(minority.dc(), majority.dc());
  EXPECT_EQ(minority.dc_with_quorum(), v1::ANSWER_NO);
  EXPECT_EQ(majority.dc_with_quorum(), v1::ANSWER_YES);
}

TEST(CrmMonTest, NodesInEveryState) {
  EXPECT_FALSE(Node(Parse("crm_mon-node-offline.xml"), "node-03").online());
  EXPECT_TRUE(Node(Parse("crm_mon-node-offline.xml"), "node-01").online());
  EXPECT_TRUE(Node(Parse("crm_mon-standby.xml"), "node-02").standby());
  EXPECT_FALSE(Node(Parse("crm_mon-standby.xml"), "node-01").standby());
  EXPECT_TRUE(Node(Parse("crm_mon-standby-permanent.xml"), "node-02").standby());
  EXPECT_TRUE(Node(Parse("crm_mon-node-unclean.xml"), "node-03").unclean());
  EXPECT_TRUE(Parse("crm_mon-maintenance.xml").maintenance_mode());
  const v1::ClusterFact back = Parse("crm_mon-after-fencing.xml");
  EXPECT_TRUE(Node(back, "node-03").online());
  EXPECT_FALSE(Node(back, "node-03").unclean());
}

TEST(CrmMonTest, AnInstanceThatLeftIsStoppedAndNowhere) {
  for (const char* const name : {"crm_mon-evicted.xml", "crm_mon-standby.xml"}) {
    EXPECT_THAT(Holders(Parse(name), "jetty"), ElementsAre("node-01", "node-03")) << name;
  }
}

TEST(CrmMonTest, FailedActionsAreNamed) {
  const v1::ClusterFact fact = Parse("crm_mon-failed-action.xml");
  ASSERT_THAT(fact.failures(), SizeIs(1));
  EXPECT_EQ(fact.failures(0).resource(), "jetty");
  EXPECT_EQ(fact.failures(0).node(), "node-01");
  EXPECT_EQ(fact.failures(0).operation(), "asyncmon");
  EXPECT_EQ(fact.failures(0).exit_reason(), "Simulated failure");
  EXPECT_EQ(fact.failures(0).status(), "error");
  EXPECT_EQ(fact.failures(0).last_change(), "2026-11-23 00:42:31Z");
}

TEST(CrmMonTest, NotConnectedIsAFactAndNotAnError) {
  const v1::ClusterFact fact = Parse("crm_mon-not-connected.xml");
  EXPECT_EQ(fact.connected(), v1::ANSWER_NO);
  EXPECT_THAT(fact.error(), HasSubstr("Not connected"));
  EXPECT_EQ(fact.dc_present(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(fact.nodes(), IsEmpty());
}

TEST(CrmMonTest, AnyOtherFailureIsUnknown) {
  const absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(
      "<pacemaker-result api-version=\"2.25\"><status code=\"124\" message=\"Timeout occurred\"/></pacemaker-result>");
  ASSERT_TRUE(fact.ok()) << fact.status();
  EXPECT_EQ(fact->connected(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(fact->error(), HasSubstr("Timeout occurred"));
}

TEST(CrmMonTest, WhatANewerPacemakerAddsIsIgnored) {
  std::string xml = ClusterFixture("crm_mon-healthy.xml");
  xml.replace(xml.find("<nodes>"), 7, "<novelty a=\"1\"><node name=\"no\"/></novelty><nodes>");
  const std::size_t orphaned = xml.find("orphaned=\"false\"");
  xml.replace(orphaned, 16, "removed=\"true\" brand_new=\"x\"");
  const absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(xml);
  ASSERT_TRUE(fact.ok()) << fact.status();
  EXPECT_THAT(fact->nodes(), SizeIs(3));
  EXPECT_TRUE(fact->instances(0).orphaned());
  EXPECT_FALSE(fact->instances(1).orphaned());
}

TEST(CrmMonTest, WhatIsNotItsOutputIsRefused) {
  const std::string healthy = ClusterFixture("crm_mon-healthy.xml");
  const struct {
    const char* name;
    std::string text;
  } kCases[] = {
      {"nothing", ""},
      {"garbage", "Segmentation fault (core dumped)\n"},
      {"binary", std::string("\0\xff\xfe<pac", 7)},
      {"other XML", "<html><body/></html>"},
      {"no status", "<pacemaker-result><summary/></pacemaker-result>"},
      {"no summary", "<pacemaker-result><nodes/><status code=\"0\"/></pacemaker-result>"},
      {"status no number", "<pacemaker-result><status code=\"ok\"/></pacemaker-result>"},
      {"status empty", "<pacemaker-result><status code=\"\"/></pacemaker-result>"},
      {"unclosed", "<pacemaker-result><status code=\"0\">"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(ParseCrmMon(one.text).status().code(), absl::StatusCode::kInvalidArgument) << one.name;
  }
}

TEST(CrmMonTest, ATruncatedOutputIsNeverBelieved) {
  const std::string healthy = ClusterFixture("crm_mon-healthy.xml");
  const std::size_t whole = healthy.rfind("</pacemaker-result>") + 19;
  for (std::size_t length = 0; length < whole; length += 7) {
    EXPECT_FALSE(ParseCrmMon(healthy.substr(0, length)).ok()) << "cut at byte " << length;
  }
}

TEST(CrmMonTest, WhatIsNeitherTrueNorFalseIsUnknown) {
  const absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(
      "<pacemaker-result><summary><current_dc present='tired' with_quorum=''/></summary>"
      "<status code='0'/></pacemaker-result>");
  ASSERT_TRUE(fact.ok()) << fact.status();
  EXPECT_EQ(fact->dc_present(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(fact->dc_with_quorum(), v1::ANSWER_UNSPECIFIED);
}

// Each instance repeats its clone's name.
TEST(CrmMonTest, ASmallTextCannotMakeLargeFacts) {
  std::string xml = "<pacemaker-result><summary><current_dc/></summary><resources><clone id='";
  xml += std::string(20000, 'c') + "'>";
  for (int i = 0; i < 1000; ++i) xml += "<resource/>";
  xml += "</clone></resources><status code='0'/></pacemaker-result>";
  EXPECT_EQ(ParseCrmMon(xml).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(CrmMonTest, DeepNestingDoesNoHarm) {
  std::string resources;
  for (int i = 0; i < 100000; ++i) resources += "<group>";
  std::string end;
  for (int i = 0; i < 100000; ++i) end += "</group>";
  const absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(
      absl::StrCat("<pacemaker-result><summary><current_dc present=\"false\"/></summary><resources>", resources,
                   "<resource id=\"deep\"/>", end, "</resources><status code=\"0\"/></pacemaker-result>"));
  ASSERT_TRUE(fact.ok()) << fact.status();
  EXPECT_THAT(fact->instances(), IsEmpty());
}

TEST(ControllerStateTest, OnlyWhatIsTold) {
  const struct {
    std::string text;
    const char* state;
  } kCases[] = {
      {ClusterFixture("crmadmin-status-idle.xml"), "S_IDLE"},
      {ClusterFixture("crmadmin-status-transition.xml"), "S_TRANSITION_ENGINE"},
      {ClusterFixture("crmadmin-status-timeout.xml"), ""},
      {ClusterFixture("crm_mon-healthy.xml"), ""},
      {"", ""},
      {"S_IDLE", ""},
  };
  for (const auto& one : kCases) EXPECT_EQ(ParseControllerState(one.text), one.state) << one.text;
}

}  // namespace
}  // namespace jettyfleet
