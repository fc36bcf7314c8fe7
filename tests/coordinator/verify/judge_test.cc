#include "coordinator/verify/judge.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

const absl::Time kAsked = absl::FromUnixSeconds(1'800'000'000);

// Three nodes, each running Jetty behind one load balancer; everything read after kAsked.
ClusterView HealthyView() {
  ClusterView view;
  view.cluster = "blue";
  view.description.set_cluster("blue");
  v1::ResourceDescription* const jetty = view.description.add_resources();
  jetty->set_name("jetty");
  jetty->set_unit("jetty9");
  jetty->add_ports(8080);
  jetty->set_clone_node_max(1);
  *jetty->mutable_monitor_interval() = ToProto(absl::Seconds(10));
  v1::LoadBalancerDescription* const balancer = view.description.add_load_balancers();
  balancer->set_host("lb-01");
  balancer->set_backend("web");
  HostView& lb = view.load_balancers["lb-01"];
  lb.host = "lb-01";
  lb.connected = true;
  lb.fresh.lb_servers = kAsked;

  v1::ClusterFact cluster;
  cluster.set_connected(v1::ANSWER_YES);
  cluster.set_dc_present(v1::ANSWER_YES);
  cluster.set_dc("node-01");
  cluster.set_dc_with_quorum(v1::ANSWER_YES);
  cluster.mutable_quorum()->set_quorate(v1::ANSWER_YES);
  cluster.set_idle(v1::ANSWER_YES);
  v1::CibFact cib;
  v1::PrimitiveFact* const primitive = cib.add_primitives();
  primitive->set_id("jetty");
  primitive->set_resource_class("systemd");
  primitive->set_type("jetty9");
  v1::OperationFact* const monitor = primitive->add_operations();
  monitor->set_name("monitor");
  monitor->set_interval("10s");
  primitive->set_clone("jetty-clone");
  for (const char* const name : {"node-01", "node-02", "node-03"}) {
    v1::ClusterNodeFact* const node = cluster.add_nodes();
    node->set_name(name);
    node->set_online(true);
    v1::InstanceFact* const instance = cluster.add_instances();
    instance->set_resource("jetty");
    instance->set_agent("systemd:jetty9");
    instance->set_role("Started");
    instance->add_nodes(name);
    (*balancer->mutable_servers())[name] = name;
    v1::LbServerFact* const server = lb.report.add_lb_servers();
    server->set_backend("web");
    server->set_server(name);
    server->set_status("UP");
    server->set_check_status("L7OK");
    server->set_admin_state(v1::LbServerFact::ADMIN_STATE_READY);
  }
  for (const char* const name : {"node-01", "node-02", "node-03"}) {
    HostView& host = view.nodes[name];
    host.host = name;
    host.connected = true;
    host.fresh = {kAsked, kAsked, kAsked, kAsked, kAsked};
    *host.report.mutable_cluster() = cluster;
    *host.report.mutable_cib() = cib;
    v1::UnitFact* const unit = host.report.add_units();
    unit->set_unit("jetty9.service");
    unit->set_active_state("active");
    v1::PortFact* const port = host.report.add_ports();
    port->set_resource("jetty");
    port->set_port(8080);
    port->set_bound(v1::ANSWER_YES);
    port->set_bound_by_unit(v1::ANSWER_YES);
    v1::HttpFact* const http = host.report.add_http();
    http->set_resource("jetty");
    http->set_healthy(v1::ANSWER_YES);
    http->set_status(200);
  }
  return view;
}

std::string Text(const std::vector<v1::VerifyFinding>& findings) {
  std::string text;
  for (const v1::VerifyFinding& finding : findings) {
    if (finding.passed() == v1::ANSWER_YES) continue;
    absl::StrAppend(&text, finding.passed() == v1::ANSWER_NO ? "no " : "unknown ", finding.subject(), ": ",
                    finding.detail(), "\n");
  }
  return text;
}

TEST(JudgeCluster, AHealthyClusterPasses) {
  const std::vector<v1::VerifyFinding> findings = JudgeCluster(HealthyView(), kAsked);
  EXPECT_EQ(Overall(findings), v1::ANSWER_YES) << Text(findings);
  EXPECT_GE(findings.size(), 10u);
}

struct Case {
  const char* name;
  void (*breaks)(ClusterView*);
  v1::Answer overall;
  const char* says;
};

class Broken : public testing::TestWithParam<Case> {};

TEST_P(Broken, IsSeen) {
  ClusterView view = HealthyView();
  GetParam().breaks(&view);
  const std::vector<v1::VerifyFinding> findings = JudgeCluster(view, kAsked);
  EXPECT_EQ(Overall(findings), GetParam().overall) << Text(findings);
  EXPECT_NE(Text(findings).find(GetParam().says), std::string::npos) << Text(findings);
}

void EveryView(ClusterView* view, void (*change)(v1::ClusterFact*)) {
  for (auto& [name, host] : view->nodes) change(host.report.mutable_cluster());
}

INSTANTIATE_TEST_SUITE_P(
    All, Broken,
    testing::Values(
        Case{"NoQuorumByCrmMon",
             [](ClusterView* view) {
               EveryView(view, [](v1::ClusterFact* fact) { fact->set_dc_with_quorum(v1::ANSWER_NO); });
             },
             v1::ANSWER_NO, "no quorum: no DC with quorum can be reached (node-01 names node-01 WITHOUT quorum"},
        Case{"NoQuorumByCorosync",
             [](ClusterView* view) {
               EveryView(view, [](v1::ClusterFact* fact) { fact->mutable_quorum()->set_quorate(v1::ANSWER_NO); });
             },
             v1::ANSWER_NO, "no quorum"},
        Case{"NodeInStandby",
             [](ClusterView* view) {
               EveryView(view, [](v1::ClusterFact* fact) { fact->mutable_nodes(1)->set_standby(true); });
             },
             v1::ANSWER_NO, "no node node-02: in standby"},
        Case{"AgentGone", [](ClusterView* view) { view->nodes.at("node-03").connected = false; },
             v1::ANSWER_UNSPECIFIED, "unknown agent node-03"},
        Case{"InstanceMissing",
             [](ClusterView* view) {
               EveryView(view, [](v1::ClusterFact* fact) { fact->mutable_instances(2)->set_role("Stopped"); });
             },
             v1::ANSWER_NO, "no instances of jetty: 2 of 3 started"},
        Case{"UnitFailed",
             [](ClusterView* view) {
               v1::UnitFact* const unit = view->nodes.at("node-02").report.mutable_units(0);
               unit->set_active_state("failed");
               unit->set_result("signal");
               unit->add_journal_tail("out of memory");
             },
             v1::ANSWER_NO, "no jetty on node-02: unit jetty9.service is failed (signal); journal: out of memory"},
        Case{"UnitUnknown",
             [](ClusterView* view) {
               v1::UnitFact* const unit = view->nodes.at("node-02").report.mutable_units(0);
               unit->clear_active_state();
               unit->set_error("D-Bus is away");
             },
             v1::ANSWER_UNSPECIFIED, "unknown jetty on node-02: D-Bus is away"},
        Case{"PortHeldByAStranger",
             [](ClusterView* view) {
               v1::PortFact* const port = view->nodes.at("node-02").report.mutable_ports(0);
               port->set_bound_by_unit(v1::ANSWER_NO);
               v1::ListenerFact* const listener = port->add_listeners();
               listener->set_owned_by_unit(v1::ANSWER_NO);
               listener->set_owner("77 python3");
             },
             v1::ANSWER_NO, "no jetty on node-02: port 8080 is held by 77 python3, not by the unit"},
        Case{"StaleHttp", [](ClusterView* view) { view->nodes.at("node-01").fresh.http = kAsked - absl::Seconds(1); },
             v1::ANSWER_UNSPECIFIED, "unknown jetty on node-01: HTTP has not been probed"},
        Case{"ServerInDrain",
             [](ClusterView* view) {
               v1::LbServerFact* const server = view->load_balancers.at("lb-01").report.mutable_lb_servers(0);
               server->set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
               server->set_status("DRAIN");
             },
             v1::ANSWER_NO, "no server web/node-01 on lb-01: DRAIN"},
        Case{"NotDescribed", [](ClusterView* view) { view->description.Clear(); }, v1::ANSWER_UNSPECIFIED,
             "has not been described yet"},
        Case{"FailedAction",
             [](ClusterView* view) {
               EveryView(view, [](v1::ClusterFact* fact) {
                 v1::FailureFact* const failure = fact->add_failures();
                 failure->set_resource("jetty");
                 failure->set_node("node-02");
                 failure->set_operation("monitor");
               });
             },
             v1::ANSWER_NO, "no failure of jetty: monitor failed on node-02"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace jettyfleet
