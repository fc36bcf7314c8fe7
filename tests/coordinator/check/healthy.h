// A cluster of three nodes behind a load balancer on which every check passes, to be broken piece by piece.
#ifndef JETTYFLEET_TESTS_COORDINATOR_CHECK_HEALTHY_H_
#define JETTYFLEET_TESTS_COORDINATOR_CHECK_HEALTHY_H_

#include <memory>
#include <string>

#include "coordinator/check/input.h"

namespace jettyfleet {

inline const absl::Time kCheckedAt = absl::FromUnixSeconds(1'790'000'000);  // 2026-09-21

// Owns what a CheckInput refers to. node-01 is the DC.
class HealthyCluster {
 public:
  HealthyCluster();

  CheckInput Input() const { return {view, kCheckedAt, kCheckedAt, hosts, traffic, with_texts}; }

  v1::ResourceDescription& described() { return *view.description.mutable_resources(0); }
  HostView& node(const std::string& name) { return view.nodes.at(name); }
  HostView& balancer() { return view.load_balancers.at("lb-01"); }
  v1::ClusterFact& dc() { return *node("node-01").report.mutable_cluster(); }
  v1::CibFact& cib() { return *node("node-01").report.mutable_cib(); }
  v1::PrimitiveFact& primitive() { return *cib().mutable_primitives(0); }
  v1::Inspection& inspection(const std::string& name) { return *hosts.at(name).inspection; }
  v1::ResourceInspection& inspected(const std::string& name) { return *inspection(name).mutable_resources(0); }
  v1::PathFact& path(const std::string& name) { return *inspected(name).mutable_paths(0); }
  v1::LbServerFact& server(int index) { return *balancer().report.mutable_lb_servers(index); }
  // Sets a setting of the node's unit.
  void Setting(const std::string& name, const std::string& setting, const std::string& value);
  // On every node.
  void Store(const std::string& store, const std::string& cache);

  ClusterView view;
  std::map<std::string, HostLook> hosts;
  std::vector<TrafficLook> traffic;
  bool with_texts = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_CHECK_HEALTHY_H_
