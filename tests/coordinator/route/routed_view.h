// The healthy view with a second load balancer and everything that HAProxy says of a server.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROUTE_ROUTED_VIEW_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROUTE_ROUTED_VIEW_H_

#include <gtest/gtest.h>

#include <string>

#include "common/proto_time.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {

// Nodes node-01 to node-03 at 10.0.0.1 to .3, port 8080, weight 100; load balancers lb-01 and lb-02, backend "app".
inline ClusterView RoutedView(absl::Time now = Noon()) {
  ClusterView view = HealthyView(now);
  view.description.mutable_resources(0)->set_min_serving(2);
  int last = 0;
  for (v1::LbServerFact& fact : *view.load_balancers.at("lb-01").report.mutable_lb_servers()) {
    const std::string address = "10.0.0." + std::to_string(++last);
    (*view.description.mutable_addresses())[fact.node()] = address;
    fact.set_address(address);
    fact.set_port(8080);
    fact.set_weight(100);
    fact.set_initial_weight(100);
    *fact.mutable_observed_at() = ToProto(now);
  }
  view.load_balancers["lb-02"] = view.load_balancers.at("lb-01");
  view.load_balancers["lb-02"].host = "lb-02";
  *view.description.add_load_balancers() = view.description.load_balancers(0);
  view.description.mutable_load_balancers(1)->set_host("lb-02");
  return view;
}

inline v1::LbServerFact& ServerOn(ClusterView* view, const std::string& balancer, const std::string& node) {
  for (v1::LbServerFact& fact : *view->load_balancers.at(balancer).report.mutable_lb_servers()) {
    if (fact.server() == node) return fact;
  }
  ADD_FAILURE() << "no server " << node << " on " << balancer;
  static v1::LbServerFact none;
  return none;
}

inline void PutLease(ClusterView* view, const std::string& balancer, const std::string& node, const std::string& kind,
                     absl::Time end) {
  v1::LeaseFact& lease = *view->load_balancers.at(balancer).report.add_leases();
  lease.set_id("jettyfleet-" + kind + "-" + node);
  lease.set_kind(kind);
  lease.set_target("app/" + node);
  *lease.mutable_ends_at() = ToProto(end);
}

inline void StopInstance(ClusterView* view, const std::string& node) {
  InEveryView(view, [&node](v1::ClusterFact* fact) {
    for (v1::InstanceFact& instance : *fact->mutable_instances()) {
      if (instance.nodes_size() > 0 && instance.nodes(0) == node) instance.set_role("Stopped"), instance.clear_nodes();
    }
  });
  view->nodes.at(node).report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROUTE_ROUTED_VIEW_H_
