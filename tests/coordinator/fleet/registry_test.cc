#include "coordinator/fleet/registry.h"

#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

const HostKey kNode{"blue", "node-01"};
const HostKey kBalancer{"", "lb-01"};
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Registry MakeRegistry() { return Registry("uuid", 7, "node-01"); }

v1::ClusterDescription Description(const std::string& cluster) {
  v1::ClusterDescription description;
  description.set_cluster(cluster);
  v1::ResourceDescription* const resource = description.add_resources();
  resource->set_name("jetty");
  resource->set_unit("jetty9");
  resource->add_ports(8080);
  resource->mutable_health()->set_body("UP");
  v1::LoadBalancerDescription* const balancer = description.add_load_balancers();
  balancer->set_host("lb-01");
  balancer->set_backend("web");
  (*balancer->mutable_servers())["node-02"] = "s2";
  (*balancer->mutable_servers())["node-01"] = "s1";
  return description;
}

v1::HostChange UnitChange(const std::string& unit, const std::string& state) {
  v1::HostChange change;
  change.add_units()->set_unit(unit);
  change.mutable_units(0)->set_active_state(state);
  return change;
}

TEST(Registry, ANodeMakesItsClusterKnown) {
  Registry registry = MakeRegistry();
  EXPECT_EQ(registry.Find("blue"), nullptr);
  registry.Connected(kNode, v1::Hello(), kNow);
  const ClusterView* const view = registry.Find("blue");
  ASSERT_NE(view, nullptr);
  EXPECT_TRUE(view->nodes.at("node-01").connected);
  EXPECT_EQ(view->epoch, 7u);
  EXPECT_EQ(view->coordinator_node, "node-01");
}

TEST(Registry, ChangesReplaceTheFactWithTheSameKeyOnly) {
  Registry registry = MakeRegistry();
  registry.Connected(kNode, v1::Hello(), kNow);
  registry.TakeChange(kNode, UnitChange("a.service", "active"), kNow);
  registry.TakeChange(kNode, UnitChange("b.service", "active"), kNow);
  registry.TakeChange(kNode, UnitChange("a.service", "failed"), kNow);
  const v1::HostReport& report = registry.Find("blue")->nodes.at("node-01").report;
  ASSERT_EQ(report.units_size(), 2);
  EXPECT_EQ(report.units(0).active_state(), "failed");
  EXPECT_EQ(report.units(1).active_state(), "active");
  v1::HostChange gone;
  gone.add_units_gone("a.service");
  registry.TakeChange(kNode, gone, kNow);
  ASSERT_EQ(report.units_size(), 1);
  EXPECT_EQ(report.units(0).unit(), "b.service");
}

TEST(Registry, AServerThatIsGoneIsForgotten) {
  Registry registry = MakeRegistry();
  registry.Connected(kNode, v1::Hello(), kNow);
  v1::HostChange change;
  for (const char* const server : {"s1", "s2"}) {
    v1::LbServerFact* const fact = change.add_lb_servers();
    fact->set_backend("jetty");
    fact->set_server(server);
  }
  registry.TakeChange(kNode, change, kNow);
  const v1::HostReport& report = registry.Find("blue")->nodes.at("node-01").report;
  ASSERT_EQ(report.lb_servers_size(), 2);
  v1::HostChange gone;
  gone.add_lb_servers_gone()->set_backend("jetty");
  gone.mutable_lb_servers_gone(0)->set_server("s1");
  registry.TakeChange(kNode, gone, kNow);
  ASSERT_EQ(report.lb_servers_size(), 1);
  EXPECT_EQ(report.lb_servers(0).server(), "s2");
}

TEST(Registry, ANewStreamForgetsWhatTheOldOneSaid) {
  Registry registry = MakeRegistry();
  registry.Connected(kNode, v1::Hello(), kNow);
  registry.TakeChange(kNode, UnitChange("a.service", "active"), kNow);
  v1::Observe observe;
  observe.set_units(true);
  registry.TakeObserved(kNode, observe, kNow, kNow);
  registry.Disconnected(kNode, kNow);
  EXPECT_FALSE(registry.Find("blue")->nodes.at("node-01").connected);
  registry.Connected(kNode, v1::Hello(), kNow);
  EXPECT_EQ(registry.Find("blue")->nodes.at("node-01").report.units_size(), 0);
  EXPECT_EQ(registry.Find("blue")->nodes.at("node-01").fresh.units, absl::InfinitePast());
}

TEST(Registry, FreshMeansReadAfterTheQuestionWasAsked) {
  Registry registry = MakeRegistry();
  registry.Connected(kNode, v1::Hello(), kNow);
  v1::Observe observe;
  observe.set_http(true);
  registry.TakeObserved(kNode, observe, kNow, kNow + absl::Seconds(3));
  const HostView& host = registry.Find("blue")->nodes.at("node-01");
  EXPECT_EQ(host.fresh.http, kNow);
  EXPECT_EQ(host.fresh.units, absl::InfinitePast());
  // An answer to an older question that comes late takes nothing back.
  registry.TakeObserved(kNode, observe, kNow - absl::Seconds(1), kNow + absl::Seconds(4));
  EXPECT_EQ(host.fresh.http, kNow);
}

TEST(Registry, ALoadBalancerIsSeenByEveryClusterThatNamesIt) {
  Registry registry = MakeRegistry();
  registry.SetDescription(Description("blue"));
  registry.SetDescription(Description("green"));
  registry.Connected(kBalancer, v1::Hello(), kNow);
  v1::HostChange change;
  change.add_lb_servers()->set_backend("web");
  change.mutable_lb_servers(0)->set_server("s1");
  registry.TakeChange(kBalancer, change, kNow);
  EXPECT_EQ(registry.ClustersOf(kBalancer), (std::vector<std::string>{"blue", "green"}));
  for (const char* const cluster : {"blue", "green"}) {
    EXPECT_EQ(registry.Find(cluster)->load_balancers.at("lb-01").report.lb_servers_size(), 1) << cluster;
  }
  v1::ClusterDescription without = Description("green");
  without.clear_load_balancers();
  registry.SetDescription(without);
  EXPECT_EQ(registry.ClustersOf(kBalancer), (std::vector<std::string>{"blue"}));
}

TEST(Registry, ADescriptionSaysWhatToWatch) {
  Registry registry = MakeRegistry();
  EXPECT_EQ(registry.WatchFor(kNode).resources_size(), 0) << "an undescribed cluster's agents look for units only";
  registry.SetDescription(Description("blue"));
  const v1::Watch node = registry.WatchFor(kNode);
  ASSERT_EQ(node.resources_size(), 1);
  EXPECT_EQ(node.resources(0).unit(), "jetty9.service");
  EXPECT_EQ(node.resources(0).ports(0), 8080u);
  EXPECT_EQ(node.resources(0).health_body(), "UP");
  EXPECT_FALSE(node.resources(0).has_health_interval()) << "an idle agent asks nothing";
  const v1::Watch balancer = registry.WatchFor(kBalancer);
  ASSERT_EQ(balancer.servers_size(), 2);
  EXPECT_EQ(balancer.servers(0).node(), "node-01");
  EXPECT_EQ(balancer.servers(0).server(), "s1");
  EXPECT_EQ(registry.WatchFor(HostKey{"", "lb-02"}).servers_size(), 0);
}

TEST(Registry, WhereSilentUnitsAreRecoveredAgentsKeepAsking) {
  Registry registry = MakeRegistry();
  v1::ClusterDescription described = Description("blue");
  described.mutable_resources(0)->set_recover(v1::RECOVER_AT_ONCE);
  registry.SetDescription(described);
  EXPECT_FALSE(registry.WatchFor(kNode).resources(0).has_health_interval()) << "a unit's end is an event";
  described.mutable_resources(0)->set_recover_after_failed_probes(3);
  registry.SetDescription(described);
  EXPECT_EQ(registry.WatchFor(kNode).resources(0).health_interval().seconds(), 3);
}

}  // namespace
}  // namespace jettyfleet
