#include "coordinator/fleet/view.h"

#include <gtest/gtest.h>

namespace jettyfleet {
namespace {

void Claim(ClusterView* view, const std::string& node, const std::string& dc, bool quorum) {
  HostView& host = view->nodes[node];
  host.host = node;
  host.connected = true;
  v1::ClusterFact* fact = host.report.mutable_cluster();
  fact->set_connected(v1::ANSWER_YES);
  fact->set_dc_present(v1::ANSWER_YES);
  fact->set_dc(dc);
  fact->set_dc_with_quorum(quorum ? v1::ANSWER_YES : v1::ANSWER_NO);
  fact->mutable_quorum()->set_quorate(quorum ? v1::ANSWER_YES : v1::ANSWER_NO);
}

TEST(QuorateDc, IsTheOneThatAllWithQuorumName) {
  ClusterView view;
  EXPECT_EQ(QuorateDc(view), "");
  Claim(&view, "a", "b", true);
  EXPECT_EQ(QuorateDc(view), "") << "the DC itself has not been heard";
  Claim(&view, "b", "b", true);
  EXPECT_EQ(QuorateDc(view), "b");
}

TEST(QuorateDc, IsNotTheMinoritys) {
  ClusterView view;
  Claim(&view, "a", "b", true);
  Claim(&view, "b", "b", true);
  Claim(&view, "c", "c", false);
  EXPECT_EQ(QuorateDc(view), "b");
}

TEST(QuorateDc, IsNobodyWhileTwoAreNamedWithQuorum) {
  ClusterView view;
  Claim(&view, "a", "a", true);
  Claim(&view, "b", "b", true);
  EXPECT_EQ(QuorateDc(view), "");
}

TEST(QuorateDc, NeedsBothSourcesOfQuorum) {
  ClusterView view;
  Claim(&view, "a", "a", true);
  view.nodes["a"].report.mutable_cluster()->mutable_quorum()->set_quorate(v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(QuorateDc(view), "");
  Claim(&view, "a", "a", true);
  view.nodes["a"].report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(QuorateDc(view), "");
}

TEST(QuorateDc, DoesNotBelieveWhoIsNotConnected) {
  ClusterView view;
  Claim(&view, "a", "b", true);
  Claim(&view, "b", "b", true);
  view.nodes["b"].connected = false;
  EXPECT_EQ(QuorateDc(view), "");
}

TEST(ServersOfNode, TakesEveryBackendOfEveryBalancer) {
  ClusterView view;
  for (const char* balancer : {"lb-01", "lb-02"}) {
    for (const char* backend : {"app", "api"}) {
      for (const char* node : {"a", "b"}) {
        v1::LbServerFact* fact = view.load_balancers[balancer].report.add_lb_servers();
        fact->set_backend(backend);
        fact->set_server(std::string("s-") + node);
        fact->set_node(node);
      }
    }
  }
  const std::map<std::string, v1::LbServerFact> servers = ServersOfNode(view, "a");
  ASSERT_EQ(servers.size(), 4u);
  EXPECT_EQ(servers.begin()->first, "lb-01/api/s-a");
  for (const auto& [key, fact] : servers) EXPECT_EQ(fact.node(), "a");
}

}  // namespace
}  // namespace jettyfleet
