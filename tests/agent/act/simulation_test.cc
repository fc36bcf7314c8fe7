#include "agent/act/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Operations(const v1::Prediction& prediction) {
  std::vector<std::string> words;
  for (const v1::PredictedOperation& operation : prediction.operations()) {
    words.push_back(operation.task() + " " + operation.resource() + " on " + operation.node());
  }
  return words;
}

std::map<std::string, std::vector<std::string>> Placements(const v1::Prediction& prediction) {
  std::map<std::string, std::vector<std::string>> placements;
  for (const v1::PredictedPlacement& placement : prediction.placements()) {
    placements[placement.resource()] = {placement.nodes().begin(), placement.nodes().end()};
  }
  return placements;
}

// Three instances, and clone-max=2 set on a copy of the CIB; Pacemaker 2.1.5.
TEST(SimulationTest, WhatCrmSimulatePrints) {
  const v1::Prediction prediction = ReadSimulation(ClusterFixture("crm_simulate-clone-max-2.xml"));
  EXPECT_EQ(prediction.predicted(), v1::ANSWER_YES);
  EXPECT_EQ(prediction.error(), "");
  ASSERT_EQ(prediction.operations_size(), 1) << "monitors and pseudo actions are left out";
  EXPECT_EQ(prediction.operations(0).task(), "stop");
  EXPECT_EQ(prediction.operations(0).resource(), "jetty");
  const auto placements = Placements(prediction);
  ASSERT_TRUE(placements.contains("jetty"));
  EXPECT_EQ(placements.at("jetty").size(), 2u);
  for (const std::string& node : placements.at("jetty")) EXPECT_NE(node, prediction.operations(0).node());
  EXPECT_TRUE(placements.contains("switch")) << "every resource is there, described or not";
}

// With clone-max=2, node-01 avoided.
TEST(SimulationTest, AMoveIsAStopAndAStart) {
  const v1::Prediction prediction = ReadSimulation(ClusterFixture("crm_simulate-move.xml"));
  EXPECT_THAT(Operations(prediction), ElementsAre("stop jetty on node-01", "start jetty on node-02"));
  EXPECT_THAT(Placements(prediction).at("jetty"), ElementsAre("node-02", "node-03"));
}

TEST(SimulationTest, ANewCloneStartsInstancesWithNumbers) {
  const v1::Prediction prediction = ReadSimulation(ClusterFixture("crm_simulate-new-clone.xml"));
  EXPECT_THAT(Operations(prediction), ElementsAre("start web:0 on node-02", "start web:1 on node-03"));
  EXPECT_THAT(Placements(prediction).at("web"), ElementsAre("node-02", "node-03"));
  EXPECT_THAT(Placements(prediction).at("jetty"), ElementsAre("node-01", "node-02", "node-03"));
}

TEST(SimulationTest, NumberedInstancesAreOneResource) {
  const v1::Prediction prediction = ReadSimulation(
      "<r><transition><rsc_action op='start' resource='j:0' node='a'/><pseudo_action task='x'/></transition>"
      "<revised_cluster_status><resources><clone id='c'><resource id='j:0' role='Started'><node name='b'/></resource>"
      "<resource id='j:1' role='Started'><node name='a'/></resource><resource id='j:2' role='Stopped'/></clone>"
      "</resources></revised_cluster_status></r>");
  EXPECT_THAT(Operations(prediction), ElementsAre("start j:0 on a"));
  EXPECT_THAT(Placements(prediction).at("j"), ElementsAre("a", "b"));
}

TEST(SimulationTest, GarbageIsUnknown) {
  for (const char* const garbage : {"", "no XML", "<a/>", "<a><transition/></a>", "<a><revised_cluster_status/></a>"}) {
    const v1::Prediction prediction = ReadSimulation(garbage);
    EXPECT_EQ(prediction.predicted(), v1::ANSWER_UNSPECIFIED) << garbage;
    EXPECT_EQ(prediction.error(), "crm_simulate printed no revised status");
    EXPECT_THAT(prediction.operations(), IsEmpty());
  }
}

// An answer that is cut, or left out in part, would read as "nothing happens".
TEST(SimulationTest, OnlyAWholeTransitionIsAPrediction) {
  const std::string revised = "<revised_cluster_status><resources/></revised_cluster_status></r>";
  std::string many = "<r><transition>";
  for (int i = 0; i < 1001; ++i) many += "<rsc_action op='start' resource='j' node='n'/>";
  const struct {
    std::string xml;
    const char* error;
  } kCases[] = {
      {"<r><transition/>" + revised, ""},
      {"<r>" + revised, "crm_simulate printed no transition"},
      {many + "</transition>" + revised, "crm_simulate expects more than 1000 operations"},
  };
  for (const auto& one : kCases) {
    const v1::Prediction prediction = ReadSimulation(one.xml);
    EXPECT_EQ(prediction.error(), one.error);
    EXPECT_EQ(prediction.predicted() == v1::ANSWER_YES, prediction.error().empty());
    EXPECT_THAT(prediction.operations(), IsEmpty());
  }
}

}  // namespace
}  // namespace jettyfleet
