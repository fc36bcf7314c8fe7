#include "coordinator/route/servers.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {

std::string RoutedServer::Name() const { return absl::StrCat(load_balancer, " ", backend, "/", server); }

bool RoutedServer::SeenSince(absl::Time since) const {
  return host != nullptr && fact != nullptr && host->fresh.lb_servers >= since && fact->error().empty() &&
         fact->admin_state() != v1::LbServerFact::ADMIN_STATE_UNSPECIFIED;
}

const v1::LeaseFact* RoutedServer::Lease(absl::string_view kind) const {
  if (host == nullptr) return nullptr;
  const std::string target = absl::StrCat(backend, "/", server);
  for (const v1::LeaseFact& lease : host->report.leases()) {
    if (lease.kind() == kind && lease.target() == target) return &lease;
  }
  return nullptr;
}

std::vector<RoutedServer> RoutedServers(const ClusterView& view, const std::string& node) {
  std::vector<RoutedServer> servers;
  for (const v1::LoadBalancerDescription& balancer : view.description.load_balancers()) {
    const std::map<std::string, std::string> mapped(balancer.servers().begin(), balancer.servers().end());
    for (const auto& [mapped_node, server] : mapped) {
      if (!node.empty() && node != mapped_node) continue;
      RoutedServer routed{balancer.host(), balancer.backend(), server, mapped_node};
      routed.resource = FindResource(view, balancer.resource());
      if (routed.resource == nullptr) continue;
      routed.host = ConnectedLoadBalancer(view, balancer.host());
      if (routed.host != nullptr) {
        for (const v1::LbServerFact& fact : routed.host->report.lb_servers()) {
          if (fact.backend() == routed.backend && fact.server() == server) routed.fact = &fact;
        }
      }
      const auto address = view.description.addresses().find(mapped_node);
      if (address != view.description.addresses().end()) routed.described_address = address->second;
      if (!routed.resource->ports().empty()) routed.described_port = routed.resource->ports(0);
      servers.push_back(std::move(routed));
    }
  }
  return servers;
}

std::vector<v1::LeaseFact> LeasesOn(const HostView& host, const std::string& backend, const std::string& server) {
  std::vector<v1::LeaseFact> leases;
  const std::string target = absl::StrCat(backend, "/", server);
  for (const v1::LeaseFact& lease : host.report.leases()) {
    if ((lease.kind() == kServerLease || lease.kind() == kWeightLease) && lease.target() == target) {
      leases.push_back(lease);
    }
  }
  return leases;
}

std::string AdminWord(v1::LbServerFact::AdminState state) {
  switch (state) {
    case v1::LbServerFact::ADMIN_STATE_READY:
      return "ready";
    case v1::LbServerFact::ADMIN_STATE_DRAIN:
      return "drain";
    case v1::LbServerFact::ADMIN_STATE_MAINT:
      return "maint";
    default:
      return "unknown";
  }
}

}  // namespace jettyfleet
