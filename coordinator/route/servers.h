// The HAProxy servers that a description maps, beside what was last seen of them. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_SERVERS_H_
#define JETTYFLEET_COORDINATOR_ROUTE_SERVERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"

namespace jettyfleet {

inline constexpr absl::string_view kServerLease = "lb-server";
inline constexpr absl::string_view kWeightLease = "lb-weight";

// Pointers point into the view and live as long as it does.
struct RoutedServer {
  std::string load_balancer;
  std::string backend;
  std::string server;
  std::string node;
  const v1::ResourceDescription* resource = nullptr;
  const HostView* host = nullptr;          // nullptr: that load balancer's agent is not connected
  const v1::LbServerFact* fact = nullptr;  // nullptr: not reported
  std::string described_address;           // empty: the description gives none
  uint32_t described_port = 0;             // 0: none

  // "lb-01 jetty/node-02"
  std::string Name() const;
  // Read at `since` or later, and HAProxy told its state.
  bool SeenSince(absl::Time since) const;
  // The lease of ours on it, ended or not; nullptr: none.
  const v1::LeaseFact* Lease(absl::string_view kind) const;
};

// In the description's order of load balancers, nodes by name; those of one node where `node` is given.
std::vector<RoutedServer> RoutedServers(const ClusterView& view, const std::string& node = "");

// Leases of ours on BACKEND/SERVER of a load balancer.
std::vector<v1::LeaseFact> LeasesOn(const HostView& host, const std::string& backend, const std::string& server);

// "ready", "drain", "maint", "unknown".
std::string AdminWord(v1::LbServerFact::AdminState state);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_SERVERS_H_
