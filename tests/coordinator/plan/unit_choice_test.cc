#include "coordinator/plan/unit_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

void GiveUnit(ClusterView* view, const std::string& node, const char* unit) {
  v1::UnitFact* const fact = view->nodes.at(node).report.add_units();
  fact->set_unit(unit);
  fact->set_load_state("loaded");
}

// Every node has jetty9.service and a bare template.
ClusterView ViewWithUnits() {
  ClusterView view = HealthyView();
  for (auto& [node, host] : view.nodes) {
    host.report.clear_units();
    GiveUnit(&view, node, "jetty9.service");
    GiveUnit(&view, node, "jetty@.service");
  }
  return view;
}

v1::ClusterDescription Auto(const ClusterView& view) {
  v1::ClusterDescription description = view.description;
  description.mutable_resources(0)->set_unit("auto");
  return description;
}

std::string Why(const ClusterView& view, v1::ClusterDescription description) {
  return std::string(ChooseUnits(view, &description).message());
}

TEST(UnitChoice, AutoIsTheOneThatEveryNodeHas) {
  const ClusterView view = ViewWithUnits();
  v1::ClusterDescription description = Auto(view);
  ASSERT_TRUE(ChooseUnits(view, &description).ok());
  EXPECT_EQ(description.resources(0).unit(), "jetty9");
}

TEST(UnitChoice, OneThatSomeNodesHaveIsNoneOfThem) {
  ClusterView view = ViewWithUnits();
  GiveUnit(&view, "node-02", "jetty12.service");
  v1::ClusterDescription description = Auto(view);
  ASSERT_TRUE(ChooseUnits(view, &description).ok());
  EXPECT_EQ(description.resources(0).unit(), "jetty9");
}

TEST(UnitChoice, AmbiguousListsWhatEachNodeHas) {
  ClusterView view = ViewWithUnits();
  for (const auto& [node, host] : ViewWithUnits().nodes) GiveUnit(&view, node, "jetty@blue.service");
  EXPECT_THAT(Why(view, Auto(view)), HasSubstr("there is more than one: node-01 has jetty9, jetty@blue; node-02 has "
                                               "jetty9, jetty@blue; node-03 has jetty9, jetty@blue; name the unit"));
}

TEST(UnitChoice, OfSeveralTheOneThatTheClusterRuns) {
  ClusterView view = ViewWithUnits();
  for (const auto& [node, host] : ViewWithUnits().nodes) GiveUnit(&view, node, "jetty@blue.service");
  for (auto& [node, host] : view.nodes) {
    v1::PrimitiveFact* const primitive = host.report.mutable_cib()->add_primitives();
    primitive->set_resource_class("systemd");
    primitive->set_type("jetty@blue");
  }
  v1::ClusterDescription description = Auto(view);
  ASSERT_TRUE(ChooseUnits(view, &description).ok());
  EXPECT_EQ(description.resources(0).unit(), "jetty@blue");
}

TEST(UnitChoice, MissingListsWhatEachNodeHas) {
  ClusterView view = ViewWithUnits();
  view.nodes.at("node-03").report.clear_units();
  EXPECT_THAT(Why(view, Auto(view)), HasSubstr("there is none: node-01 has jetty9; node-02 has jetty9; node-03 has none"));
  EXPECT_THAT(Why(view, view.description), HasSubstr("resource web: not every node has jetty9.service: "));
}

TEST(UnitChoice, AMaskedUnitIsNone) {
  ClusterView view = ViewWithUnits();
  view.nodes.at("node-01").report.mutable_units(0)->set_load_state("masked");
  EXPECT_THAT(Why(view, view.description), HasSubstr("node-01 has none"));
}

TEST(UnitChoice, WhatIsNotHeardIsUnknown) {
  ClusterView view = ViewWithUnits();
  view.nodes.at("node-01").connected = false;
  EXPECT_THAT(Why(view, Auto(view)), HasSubstr("which Jetty unit node-01 has is unknown: its agent is not connected"));
  for (auto& [node, host] : view.nodes) host.connected = false;
  EXPECT_THAT(Why(view, Auto(view)), HasSubstr("no DC with quorum can be reached"));
}

TEST(UnitChoice, OnlyDescribedNodesCount) {
  ClusterView view = ViewWithUnits();
  view.nodes.at("node-03").connected = false;
  v1::ClusterDescription description = Auto(view);
  description.add_nodes("node-01");
  description.add_nodes("node-02");
  EXPECT_TRUE(ChooseUnits(view, &description).ok());
}

}  // namespace
}  // namespace jettyfleet
