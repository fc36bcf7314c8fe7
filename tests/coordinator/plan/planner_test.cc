#include "coordinator/plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/plan/cib_values.h"
#include "coordinator/plan/step_words.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One cluster of three nodes, DC node-01, as each of its nodes sees it, and what is described of it.
struct World {
  World() {
    description.set_cluster("blue");
    v1::ResourceDescription* const jetty = description.add_resources();
    jetty->set_name("jetty");
    jetty->set_unit("jetty9");
    jetty->set_clone_node_max(1);
    jetty->add_ports(8080);
    *jetty->mutable_monitor_interval() = ToProto(absl::Seconds(10));
    cluster.set_connected(v1::ANSWER_YES);
    cluster.set_dc_present(v1::ANSWER_YES);
    cluster.set_dc("node-01");
    cluster.set_dc_with_quorum(v1::ANSWER_YES);
    cluster.mutable_quorum()->set_quorate(v1::ANSWER_YES);
    for (const char* const name : {"node-01", "node-02", "node-03"}) {
      v1::ClusterNodeFact* const node = cluster.add_nodes();
      node->set_name(name);
      node->set_online(true);
    }
  }

  v1::ResourceDescription& wanted() { return *description.mutable_resources(0); }

  v1::PrimitiveFact* AddPrimitive(const std::string& id, const std::string& unit) {
    v1::PrimitiveFact* const primitive = cib.add_primitives();
    primitive->set_id(id);
    primitive->set_resource_class("systemd");
    primitive->set_type(unit);
    AddOperation(primitive, "monitor", "10s", "100s");
    AddOperation(primitive, "start", "0s", "100s");
    AddOperation(primitive, "stop", "0s", "100s");
    return primitive;
  }

  static void AddOperation(v1::PrimitiveFact* primitive, const char* name, const char* interval, const char* timeout) {
    v1::OperationFact* const operation = primitive->add_operations();
    operation->set_name(name);
    operation->set_interval(interval);
    operation->set_timeout(timeout);
  }

  static void SetMeta(MetaAttributes* attributes, const char* name, const char* value) {
    v1::MetaAttribute* const attribute = attributes->Add();
    attribute->set_name(name);
    attribute->set_value(value);
  }

  // As described, under names of an operator's own.
  v1::PrimitiveFact* AddClone() {
    v1::PrimitiveFact* const primitive = AddPrimitive("web", "jetty9");
    primitive->set_clone("web-everywhere");
    SetMeta(primitive->mutable_clone_meta(), "clone-max", "3");
    SetMeta(primitive->mutable_clone_meta(), "clone-node-max", "1");
    return primitive;
  }

  void AddLocation(const char* id, const char* resource, const char* node, const char* score) {
    v1::LocationFact* const location = cib.add_locations();
    location->set_id(id);
    location->set_resource(resource);
    location->set_node(node);
    location->set_score(score);
  }

  void AddInstance(const char* resource, const char* node) {
    v1::InstanceFact* const instance = cluster.add_instances();
    instance->set_resource(resource);
    instance->set_agent("systemd:jetty9");
    instance->set_role("Started");
    instance->add_nodes(node);
  }

  void Fail(const char* resource, const char* node) {
    v1::FailureFact* const failure = cluster.add_failures();
    failure->set_resource(resource);
    failure->set_node(node);
    failure->set_operation("monitor");
    failure->set_status("not running");
  }

  v1::UnitFact* Unit(const std::string& node) {
    for (v1::UnitFact& unit : units[node]) {
      if (unit.unit() == "jetty9.service") return &unit;
    }
    units[node].emplace_back();
    units[node].back().set_unit("jetty9.service");
    return &units[node].back();
  }

  ClusterView View() const {
    ClusterView view;
    view.cluster = "blue";
    for (const char* const name : {"node-01", "node-02", "node-03"}) {
      HostView& host = view.nodes[name];
      host.host = name;
      host.connected = true;
      *host.report.mutable_cluster() = cluster;
      *host.report.mutable_cib() = cib;
      const auto found = units.find(name);
      if (found == units.end()) continue;
      for (const v1::UnitFact& unit : found->second) *host.report.add_units() = unit;
    }
    return view;
  }

  jettyfleet::Plan Plan() const { return MakePlan(description, View()); }

  v1::ClusterDescription description;
  v1::ClusterFact cluster;
  v1::CibFact cib;
  std::map<std::string, std::vector<v1::UnitFact>> units;
};

// "WHAT", each also as the command that it stands for.
std::vector<std::string> Commands(const Plan& plan) {
  std::vector<std::string> commands;
  for (const PlanStep& step : plan.steps) {
    EXPECT_FALSE(step.found.empty()) << step.what;
    commands.push_back(absl::StrCat(step.host.empty() ? "" : step.host + ": ", CommandOf(step.action)));
  }
  return commands;
}

struct Case {
  const char* name;
  std::function<void(World*)> make;
  std::vector<std::string> commands;
};

class HalfMadeStates : public testing::TestWithParam<Case> {};

TEST_P(HalfMadeStates, ArePlanned) {
  World world;
  GetParam().make(&world);
  const Plan plan = world.Plan();
  EXPECT_EQ(plan.refused, "");
  EXPECT_EQ(Commands(plan), GetParam().commands);
}

const char kCreate[] = "pcs resource create jetty systemd:jetty9 op monitor interval=10s";
const char kClone[] = "pcs resource clone jetty meta clone-max=3 clone-node-max=1";

INSTANTIATE_TEST_SUITE_P(
    All, HalfMadeStates,
    testing::Values(
        Case{"Nothing", [](World*) {}, {kCreate, kClone}},
        Case{"AsDescribedUnderOtherNames", [](World* world) { world->AddClone(); }, {}},
        Case{"ResourceWithoutClone",
             [](World* world) { world->AddPrimitive("web", "jetty9"); },
             {"pcs resource clone web meta clone-max=3 clone-node-max=1"}},
        Case{"UnsetCloneMaxIsTheNodeCount", [](World* world) { world->AddClone()->clear_clone_meta(); }, {}},
        Case{"CloneMaxAboveTheNodesWhereItIsLeftOpen",
             [](World* world) { world->AddClone()->mutable_clone_meta(0)->set_value("7"); },
             {}},
        Case{"CloneMaxTooSmall",
             [](World* world) { world->AddClone()->mutable_clone_meta(0)->set_value("2"); },
             {"pcs resource meta web-everywhere clone-max=3"}},
        Case{"CloneMaxAboveWhatIsDescribed",
             [](World* world) {
               world->AddClone()->mutable_clone_meta(0)->set_value("7");
               world->wanted().set_clone_max(3);
             },
             {"pcs resource meta web-everywhere clone-max=3"}},
        Case{"CloneMaxIsLoweredByOne",
             [](World* world) {
               world->AddClone();
               world->wanted().set_clone_max(1);
             },
             {"pcs resource meta web-everywhere clone-max=2"}},
        Case{"CloneMaxNoNumber",
             [](World* world) { world->AddClone()->mutable_clone_meta(0)->set_value("lots"); },
             {"pcs resource meta web-everywhere clone-max=3"}},
        Case{"CloneMaxOnThePrimitive",
             [](World* world) {
               v1::PrimitiveFact* const web = world->AddClone();
               web->clear_clone_meta();
               World::SetMeta(web->mutable_meta(), "clone-max", "2");
             },
             {"pcs resource meta web clone-max="}},
        Case{"Interleave",
             [](World* world) {
               world->AddClone();
               world->wanted().set_interleave(v1::ANSWER_YES);
               world->wanted().set_ordered(v1::ANSWER_NO);
             },
             {"pcs resource meta web-everywhere interleave=true"}},
        Case{"AnotherMonitorInterval",
             [](World* world) { world->AddClone()->mutable_operations(0)->set_interval("30s"); },
             {"pcs resource update web op monitor interval=10s timeout=100s"}},
        Case{"TheSameIntervalInOtherWords",
             [](World* world) { world->AddClone()->mutable_operations(0)->set_interval("10000ms"); },
             {}},
        Case{"NoMonitor",
             [](World* world) { world->AddClone()->clear_operations(); },
             {"pcs resource update web op monitor interval=10s"}},
        Case{"Timeouts",
             [](World* world) {
               world->AddClone();
               *world->wanted().mutable_start_timeout() = ToProto(absl::Seconds(60));
               *world->wanted().mutable_stop_timeout() = ToProto(absl::Seconds(100));
               *world->wanted().mutable_monitor_timeout() = ToProto(absl::Seconds(20));
               world->wanted().set_on_fail("fence");
             },
             {"pcs resource update web op monitor interval=10s timeout=20s on-fail=fence",
              "pcs resource update web op start timeout=60s"}},
        Case{"CreatedWithAll",
             [](World* world) {
               *world->wanted().mutable_start_timeout() = ToProto(absl::Seconds(60));
               *world->wanted().mutable_monitor_timeout() = ToProto(absl::Seconds(20));
               world->wanted().set_on_fail("restart");
               world->wanted().set_migration_threshold(3);
               *world->wanted().mutable_failure_timeout() = ToProto(absl::Seconds(90));
               world->wanted().set_interleave(v1::ANSWER_YES);
             },
             {"pcs resource create jetty systemd:jetty9 op monitor interval=10s timeout=20s on-fail=restart start "
              "timeout=60s meta failure-timeout=90s migration-threshold=3",
              "pcs resource clone jetty meta clone-max=3 clone-node-max=1 interleave=true"}},
        Case{"MetaOfThePrimitive",
             [](World* world) {
               World::SetMeta(world->AddClone()->mutable_meta(), "failure-timeout", "1min");
               world->wanted().set_migration_threshold(3);
               *world->wanted().mutable_failure_timeout() = ToProto(absl::Minutes(1));
             },
             {"pcs resource meta web migration-threshold=3"}},
        Case{"ALeftoverBan",
             [](World* world) {
               world->AddClone();
               world->AddLocation("cli-ban-web-everywhere-on-node-02", "web-everywhere", "node-02", "-INFINITY");
               world->AddLocation("somebodys-preference", "web-everywhere", "node-01", "100");
               world->AddLocation("of-another", "database", "node-01", "-INFINITY");
             },
             {"pcs constraint delete cli-ban-web-everywhere-on-node-02"}},
        Case{"Disabled",
             [](World* world) { World::SetMeta(world->AddClone()->mutable_clone_meta(), "target-role", "Stopped"); },
             {"pcs resource meta web-everywhere target-role="}},
        Case{"Unmanaged",
             [](World* world) { World::SetMeta(world->AddClone()->mutable_meta(), "is-managed", "false"); },
             {"pcs resource meta web is-managed="}},
        Case{"ManagedInOtherWords",
             [](World* world) { World::SetMeta(world->AddClone()->mutable_meta(), "is-managed", "Yes"); },
             {}},
        Case{"AFailedInstance",
             [](World* world) {
               world->AddClone();
               world->Fail("web", "node-03");
               world->Fail("web:1", "node-03");
               world->Fail("database", "node-01");
             },
             {"pcs resource cleanup web node=node-03"}},
        Case{"AnOrphan",
             [](World* world) {
               world->AddInstance("old", "node-01");
               world->cluster.mutable_instances(0)->set_orphaned(true);
               world->AddClone();
             },
             {"pcs resource cleanup old"}},
        Case{"OnlyTwoOfThreeNodes",
             [](World* world) {
               world->description.add_nodes("node-01");
               world->description.add_nodes("node-02");
             },
             {"pcs resource create jetty systemd:jetty9 op monitor interval=10s meta target-role=Stopped",
              "pcs resource clone jetty meta clone-max=2 clone-node-max=1",
              "pcs -- constraint location add jettyfleet-avoid-jetty-clone-node-03 jetty-clone node-03 -INFINITY",
              "pcs resource meta jetty target-role="}},
        Case{"ANodeIsNoLongerAllowed",
             [](World* world) {
               world->AddClone()->mutable_clone_meta(0)->set_value("2");
               world->description.add_nodes("node-01");
               world->description.add_nodes("node-02");
             },
             {"pcs -- constraint location add jettyfleet-avoid-web-everywhere-node-03 web-everywhere node-03 -INFINITY"}},
        Case{"AlreadyKeptOff",
             [](World* world) {
               world->AddClone()->mutable_clone_meta(0)->set_value("2");
               world->AddLocation("by-hand", "web-everywhere", "node-03", "-INFINITY");
               world->description.add_nodes("node-01");
               world->description.add_nodes("node-02");
             },
             {}},
        Case{"ActiveOutsideOfTheCluster",
             [](World* world) { world->Unit("node-02")->set_active_state("active"); },
             {"pcs resource create jetty systemd:jetty9 op monitor interval=10s meta is-managed=false", kClone,
              "pcs resource meta jetty is-managed="}},
        Case{"EnabledAtBoot",
             [](World* world) {
               world->AddClone();
               world->Unit("node-03")->set_unit_file_state("enabled");
               world->Unit("node-01")->set_unit_file_state("disabled");
             },
             {"node-03: systemctl disable jetty9.service"}}),
    [](const auto& info) { return info.param.name; });

struct RefusedCase {
  const char* name;
  std::function<void(World*)> make;
  const char* says;
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, SaysWhyAndWhatToDo) {
  World world;
  GetParam().make(&world);
  EXPECT_THAT(world.Plan().refused, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(
        RefusedCase{"NameTaken", [](World* world) { world->AddPrimitive("jetty", "nginx"); },
                    "that is systemd:nginx, not systemd:jetty9; give the described resource another name"},
        RefusedCase{"TwoOfThem",
                    [](World* world) {
                      world->AddClone();
                      world->AddPrimitive("other", "jetty9");
                    },
                    "2 resources run systemd:jetty9 (web, other); remove all but one with pcs resource delete"},
        RefusedCase{"InAGroup", [](World* world) { world->AddPrimitive("web", "jetty9")->set_group("all"); },
                    "pcs resource group remove all web"},
        RefusedCase{"TwoMonitors",
                    [](World* world) { World::AddOperation(world->AddClone(), "monitor", "60s", "20s"); },
                    "web has 2 monitors (interval 10s, 60s); remove all but one"},
        RefusedCase{"ANodeThatIsNone", [](World* world) { world->description.add_nodes("node-09"); },
                    "the description names node-09, the cluster has node-01, node-02, node-03"},
        RefusedCase{"APreferenceForANodeThatIsLeftOut",
                    [](World* world) {
                      world->AddClone();
                      world->AddLocation("likes-three", "web-everywhere", "node-03", "100");
                      world->description.add_nodes("node-01");
                      world->description.add_nodes("node-02");
                    },
                    "the constraint likes-three gives web-everywhere a score of 100 there; remove it with pcs"},
        RefusedCase{"NoQuorum", [](World* world) { world->cluster.set_dc_with_quorum(v1::ANSWER_NO); },
                    "no DC with quorum can be reached (node-01 names node-01 WITHOUT quorum"}),
    [](const auto& info) { return info.param.name; });

TEST(PlannerTest, EachStepSaysWhatWasFound) {
  World world;
  world.AddClone()->mutable_operations(0)->set_interval("30s");
  const Plan plan = world.Plan();
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].what, "set interval=10s of monitor of web");
  EXPECT_EQ(plan.steps[0].found, "interval is 30s");
}

TEST(PlannerTest, WhatTheDescriptionDoesNotSpeakOfIsRemarkedOnAndLeftAlone) {
  World world;
  v1::PrimitiveFact* const web = world.AddClone();
  World::SetMeta(web->mutable_clone_meta(), "notify", "true");
  World::SetMeta(web->mutable_meta(), "resource-stickiness", "100");
  world.AddLocation("office-hours", "web-everywhere", "", "");
  world.cib.mutable_locations(0)->set_has_rule(true);
  world.cluster.mutable_nodes(2)->set_standby(true);
  world.cluster.mutable_nodes(1)->set_online(false);
  const Plan plan = world.Plan();
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_THAT(plan.remarks,
              ElementsAre(HasSubstr("constraint office-hours of web-everywhere has a rule"),
                          HasSubstr("web has resource-stickiness=100"), HasSubstr("web-everywhere has notify=true"),
                          HasSubstr("node node-02 is offline"), HasSubstr("node node-03 is in standby")));
}

TEST(CibValues, IntervalsAsPacemakerWritesThem) {
  EXPECT_EQ(IntervalMilliseconds("30"), 30'000);
  EXPECT_EQ(IntervalMilliseconds("30s"), 30'000);
  EXPECT_EQ(IntervalMilliseconds("500ms"), 500);
  EXPECT_EQ(IntervalMilliseconds("1min"), 60'000);
  EXPECT_EQ(IntervalMilliseconds("2h"), 7'200'000);
  for (const char* const bad : {"", "s", "-1s", "1 s", "PT30S", "99999999999999999999s", "2000000000"}) {
    EXPECT_EQ(IntervalMilliseconds(bad), -1) << bad;
  }
  EXPECT_EQ(IntervalText(30'000), "30s");
  EXPECT_EQ(IntervalText(1'500), "1500ms");
}

}  // namespace
}  // namespace jettyfleet
