#include "coordinator/plan/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/observe/cib_parser.h"
#include "common/description/description_yaml.h"
#include "common/proto_time.h"
#include "tests/coordinator/plan/handmade_cluster.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kConstraintsRemark[] = "ordering and colocation constraints are not looked at";

using DescribeTest = HandmadeCluster;

TEST_F(DescribeTest, AClusterMadeByHand) {
  v1::PrimitiveFact* const web = AddClone("web", "jetty9");
  web->mutable_operations(0)->set_timeout("20s");
  web->mutable_operations(0)->set_on_fail("restart");
  Set(web->mutable_meta(), "migration-threshold", "3");
  Set(web->mutable_meta(), "failure-timeout", "1min");
  Set(web->mutable_clone_meta(), "clone-max", "3");
  Set(web->mutable_clone_meta(), "clone-node-max", "1");
  Set(web->mutable_clone_meta(), "interleave", "true");
  Set(web->mutable_clone_meta(), "ordered", "no");
  const DescribeResult result = Described();
  EXPECT_EQ(EmitDescription(result.description), R"(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
resources:
  - name: web
    unit: jetty9
    operations:
      start: {timeout: 100s}
      stop: {timeout: 100s}
      monitor: {interval: 30s, timeout: 20s, on_fail: restart}
    clone: {max: 3, node_max: 1, interleave: true, ordered: false}
    ports: [8080]
    health:
      port: 8080
      path: /
      status: 200
      timeout: 2s
    min_serving: 1
    migration_threshold: 3
    failure_timeout: 1m
)");
  EXPECT_TRUE(PlanIsEmpty(result));
  EXPECT_THAT(result.remarks,
              ElementsAre(HasSubstr("web: port 8080 and the health check http://NODE:8080/ with status 200 "
                                    "are a guess"),
                          HasSubstr(kConstraintsRemark)));
}

TEST_F(DescribeTest, NodesThatConstraintsLeaveOut) {
  const struct {
    const char* what;
    std::function<void()> constrain;
    std::vector<std::string> nodes;
    const char* remark;
  } cases[] = {
      {"none", [] {}, {}, kConstraintsRemark},
      {"ours",
       [this] { Location("jettyfleet-avoid-web-clone-node-03", "web-clone", "node-03", "-INFINITY"); },
       {"node-01", "node-02"},
       "node-03 is left out, because the constraint jettyfleet-avoid-web-clone-node-03"},
      {"an operator's, on the primitive",
       [this] { Location("cli-ban-web-on-node-01", "web", "node-01", "-INFINITY"); },
       {"node-02", "node-03"},
       "node-01 is left out, because the constraint cli-ban-web-on-node-01 keeps web off it"},
      {"a rule",
       [this] { Location("r", "web-clone", "node-01", "-INFINITY")->set_has_rule(true); },
       {},
       "constraint r of web-clone has a rule, which cannot be described"},
      {"a preference",
       [this] { Location("p", "web-clone", "node-01", "50"); },
       {},
       "constraint p of web-clone gives node-01 the score 50, which cannot be described"},
      {"another resource's", [this] { Location("o", "vip", "node-01", "-INFINITY"); }, {}, kConstraintsRemark},
      {"all of them",
       [this] {
         for (const char* const node : {"node-01", "node-02", "node-03"}) {
           Location(absl::StrCat("ban-", node).c_str(), "web-clone", node, "-INFINITY");
         }
       },
       {},
       "apply would remove the constraint ban-node-01"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    cib().Clear();
    Set(AddClone("web", "jetty9")->mutable_clone_meta(), "clone-max", "2");
    c.constrain();
    const DescribeResult result = Described();
    EXPECT_THAT(std::vector<std::string>(result.description.nodes().begin(), result.description.nodes().end()),
                testing::ElementsAreArray(c.nodes));
    EXPECT_THAT(result.remarks, Contains(HasSubstr(c.remark)));
    EXPECT_EQ(result.description.resources(0).clone_max(), 2u);
    EXPECT_EQ(PlanIsEmpty(result), !absl::StartsWith(c.remark, "apply would"));
  }
}

// A description has one list of nodes for all resources.
TEST_F(DescribeTest, ResourcesThatAreKeptOffDifferentNodes) {
  AddClone("web", "jetty9");
  AddClone("two", "jetty@two");
  Location("ban-web-1", "web-clone", "node-01", "-INFINITY");
  Location("ban-web-3", "web-clone", "node-03", "-INFINITY");
  Location("ban-two-3", "two-clone", "node-03", "-INFINITY");
  const DescribeResult result = Described();
  EXPECT_THAT(result.description.nodes(), ElementsAre("node-01", "node-02"));
  EXPECT_THAT(result.remarks, Contains(HasSubstr("apply would remove the constraint ban-web-1")));
}

TEST_F(DescribeTest, PortsAreThoseThatTheUnitBinds) {
  AddClone("web", "jetty9");
  SeePort("node-01", "web", 8443, v1::ANSWER_YES);
  SeePort("node-03", "web", 8081, v1::ANSWER_YES);
  SeePort("node-03", "web", 9090, v1::ANSWER_NO);
  SeePort("node-03", "other", 9091, v1::ANSWER_YES);
  const DescribeResult result = Described();
  EXPECT_THAT(result.description.resources(0).ports(), ElementsAre(8081, 8443));
  EXPECT_EQ(result.description.resources(0).health().port(), 8081u);
  EXPECT_THAT(result.remarks, Contains(HasSubstr("web: health path / and status 200 on port 8081 are a guess")));
}

TEST_F(DescribeTest, GuessedPortsDoNotCollide) {
  AddClone("one", "jetty@one");
  AddClone("two", "jetty@two");
  AddClone("three", "jetty@three");
  SeePort("node-01", "three", 8080, v1::ANSWER_YES);
  const DescribeResult result = Described();
  ASSERT_EQ(result.description.resources_size(), 3);
  EXPECT_THAT(result.description.resources(0).ports(), ElementsAre(8081));
  EXPECT_THAT(result.description.resources(1).ports(), ElementsAre(8082));
  EXPECT_THAT(result.description.resources(2).ports(), ElementsAre(8080));
}

TEST_F(DescribeTest, WhatTheCibDoesNotKnowComesFromTheStoredDescription) {
  Store(R"(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
addresses: {node-01: 10.0.0.1, node-03: 10.0.0.3}
resources:
  - name: jetty
    unit: jetty9
    monitor_interval: 5s
    clone: {max: 1}
    ports: [9000, 9001]
    health: {port: 9001, path: /up, status: 204}
    min_serving: 0
    migration_threshold: 7
    paths: {local: [/var/lib/jetty9]}
    sessions: {affinity: cookie, store: memory}
    identity: {archives: [/srv/app.war]}
    parallel_safe: {by: alice, date: 2026-11-20, evidence: tested}
  - name: gone
    unit: jetty12
    health: {port: 7000}
load_balancers:
  - {host: lb-01, resource: jetty, backend: be, servers: {node-01: a, node-02: b, node-03: c}}
  - {host: lb-01, resource: gone, backend: be-gone, servers: {node-01: a}}
traffic: {url: "http://lb-01/"}
checks:
  - {id: cluster.fencing, reason: a lab, until: 2026-12-31}
)");
  AddClone("web", "jetty9");
  Location("ban", "web-clone", "node-03", "-INFINITY");
  v1::HttpFact* const http = view_.nodes["node-01"].report.add_http();
  http->set_resource("jetty");
  http->set_healthy(v1::ANSWER_YES);
  const DescribeResult result = Described();
  ASSERT_EQ(result.description.resources_size(), 1);
  const v1::ResourceDescription& web = result.description.resources(0);
  EXPECT_EQ(web.name(), "web");
  EXPECT_THAT(web.ports(), ElementsAre(9000, 9001));
  EXPECT_EQ(web.health().path(), "/up");
  EXPECT_EQ(web.health().status(), 204u);
  EXPECT_EQ(web.min_serving(), 0u);
  EXPECT_EQ(web.paths().local(0), "/var/lib/jetty9");
  EXPECT_EQ(web.sessions().cookie(), "JETTYFLEET");
  EXPECT_EQ(web.identity().archives(0), "/srv/app.war");
  EXPECT_EQ(web.parallel_safe().by(), "alice");
  // What the CIB does know is the CIB's.
  EXPECT_EQ(FromProto(web.monitor_interval()), absl::Seconds(30));
  EXPECT_EQ(web.clone_max(), 0u);
  EXPECT_EQ(web.migration_threshold(), 0u);
  EXPECT_EQ(result.description.addresses().size(), 1u);
  EXPECT_EQ(result.description.addresses().at("node-01"), "10.0.0.1");
  ASSERT_EQ(result.description.load_balancers_size(), 1);
  EXPECT_EQ(result.description.load_balancers(0).resource(), "web");
  EXPECT_EQ(result.description.load_balancers(0).servers().size(), 2u);
  EXPECT_EQ(result.description.traffic().url(), "http://lb-01/");
  ASSERT_EQ(result.description.checks_size(), 1);
  EXPECT_EQ(result.description.checks(0).id(), "cluster.fencing");
  EXPECT_THAT(result.remarks, Contains(HasSubstr("load balancer lb-01, backend be-gone")));
  EXPECT_THAT(result.remarks, Contains(HasSubstr("resource gone of the stored description is not in the cluster")));
  EXPECT_THAT(result.remarks, Not(Contains(HasSubstr("guess"))));
  EXPECT_THAT(result.remarks, Not(Contains(HasSubstr("no node answers"))));
}

TEST_F(DescribeTest, TheOneJettyIsTheAutoOfTheStoredDescription) {
  Store(R"(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
resources:
  - {name: jetty, unit: auto, health: {port: 9001}, min_serving: 2}
)");
  Set(AddClone("web", "jetty12")->mutable_clone_meta(), "clone-max", "2");
  const DescribeResult result = Described();
  EXPECT_EQ(result.description.resources(0).unit(), "jetty12");
  EXPECT_THAT(result.description.resources(0).ports(), ElementsAre(9001));
  EXPECT_EQ(result.description.resources(0).min_serving(), 1u);
  EXPECT_THAT(result.remarks,
              Contains(HasSubstr("web: min_serving is 1 instead of 2, because there are only 2 instances")));
  EXPECT_THAT(result.remarks, Contains(HasSubstr("no node answers on 9001/ as they say; check them")));
}

TEST_F(DescribeTest, WhatIsLeftOutIsSaid) {
  AddClone("web", "jetty9");
  AddClone("jettyfleet-web", "jetty@x");
  AddClone("again", "jetty9");
  v1::PrimitiveFact* const vip = cib().add_primitives();
  vip->set_id("vip");
  vip->set_resource_class("ocf");
  vip->set_type("IPaddr2");
  v1::PrimitiveFact* const fence = cib().add_primitives();
  fence->set_id("switch");
  fence->set_resource_class("stonith");
  v1::ClusterFact& cluster = *dc().mutable_cluster();
  cluster.set_maintenance_mode(true);
  cluster.mutable_nodes(0)->set_standby(true);
  cluster.mutable_nodes(2)->set_maintenance(true);
  cluster.mutable_nodes(2)->set_online(false);
  const DescribeResult result = Described();
  ASSERT_EQ(result.description.resources_size(), 1);
  EXPECT_EQ(result.description.resources(0).name(), "web");
  for (const char* const remark :
       {"jettyfleet-web (systemd:jetty@x) is left out: name must not begin with jettyfleet-",
        "again (systemd:jetty9) is left out: unit jetty9 is the unit of resource web too",
        "not Jetty, so not described and left alone: vip", "the cluster is in maintenance mode",
        "node node-01 is in standby, which", "node node-03 is in maintenance and offline, which"}) {
    EXPECT_THAT(result.remarks, Contains(HasSubstr(remark)));
  }
  EXPECT_THAT(result.remarks, Not(Contains(HasSubstr("switch"))));
}

TEST_F(DescribeTest, RemarksStayWithinBounds) {
  v1::PrimitiveFact* const web = AddClone("web", "jetty9");
  std::string value = "a\nb";
  for (int i = 0; i < 1000; ++i) value += "\xc3\xbc";
  for (int i = 0; i < 300; ++i) Set(web->mutable_meta(), absl::StrCat("m", i).c_str(), value.c_str());
  const DescribeResult result = Described();
  EXPECT_EQ(result.remarks.size(), 201u);
  EXPECT_EQ(result.remarks.back(), "and 102 remarks more");
  for (const std::string& remark : result.remarks) EXPECT_LE(remark.size(), 1003u);
}

TEST_F(DescribeTest, WhatStandsInTheWay) {
  const struct {
    const char* what;
    std::function<void()> change;
    absl::StatusCode code;
    const char* message;
  } cases[] = {
      {"no quorum",
       [this] {
         for (auto& [name, host] : view_.nodes) host.report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_NO);
       },
       absl::StatusCode::kUnavailable, "it can be described when it has quorum"},
      {"no CIB yet", [this] { dc().clear_cib(); }, absl::StatusCode::kUnavailable, "node-02 has not reported it yet"},
      {"no CIB", [this] { cib().set_error("cibadmin: timed out"); }, absl::StatusCode::kUnavailable,
       "cibadmin: timed out"},
      {"no Jetty", [this] { cib().mutable_primitives(0)->set_type("nginx"); }, absl::StatusCode::kNotFound,
       "it has web (systemd:nginx)"},
      {"nothing", [this] { cib().clear_primitives(); }, absl::StatusCode::kNotFound, "it has none at all"},
      {"no name for it", [this] { cib().mutable_primitives(0)->set_id("jettyfleet-x"); },
       absl::StatusCode::kFailedPrecondition, "jettyfleet-x (systemd:jetty9) is left out: name must not"},
  };
  const ClusterView clean = view_;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    view_ = clean;
    AddClone("web", "jetty9");
    c.change();
    const absl::StatusOr<DescribeResult> result = Describe("blue", view_);
    EXPECT_EQ(result.status().code(), c.code) << result.status();
    EXPECT_THAT(std::string(result.status().message()), HasSubstr(c.message));
    EXPECT_THAT(std::string(result.status().message()), HasSubstr("blue"));
  }
}

// CIBs that real clusters printed.
TEST_F(DescribeTest, RealClusters) {
  for (const char* const fixture :
       {"cibadmin-healthy.xml", "cibadmin-healthy-fencing.xml", "cibadmin-evict-rule.xml", "cibadmin-lock.xml",
        "cibadmin-standby-lease.xml", "cibadmin-standby-permanent.xml"}) {
    SCOPED_TRACE(fixture);
    const absl::StatusOr<v1::CibFact> parsed = ParseCib(ClusterFixture(fixture));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    cib() = *parsed;
    const DescribeResult result = Described();
    EXPECT_TRUE(PlanIsEmpty(result));
    ASSERT_EQ(result.description.resources_size(), 1);
    const v1::ResourceDescription& jetty = result.description.resources(0);
    EXPECT_EQ(jetty.name(), "jetty");
    EXPECT_EQ(jetty.unit(), "jetty9");
    EXPECT_EQ(FromProto(jetty.monitor_interval()), absl::Seconds(30));
    EXPECT_EQ(FromProto(jetty.start_timeout()), absl::Seconds(100));
    EXPECT_EQ(FromProto(jetty.stop_timeout()), absl::Seconds(100));
    EXPECT_FALSE(jetty.has_monitor_timeout());
    EXPECT_EQ(jetty.clone_max(), 3u);
    EXPECT_THAT(result.remarks, testing::SizeIs(2)) << "the guessed port and the constraints";
  }
}

TEST_F(DescribeTest, ARealClusterWithCloneMaxOnThePrimitive) {
  const absl::StatusOr<v1::CibFact> parsed = ParseCib(ClusterFixture("cibadmin-clone-max-on-primitive.xml"));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  cib() = *parsed;
  const DescribeResult result = Described();
  EXPECT_EQ(result.description.resources(0).clone_max(), 0u);
  EXPECT_THAT(result.remarks, Contains(HasSubstr("where it does nothing")));
}

}  // namespace
}  // namespace jettyfleet
