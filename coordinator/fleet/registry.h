// The picture of every cluster, kept up to date from what agents say. The only writer of ClusterView.
#ifndef JETTYFLEET_COORDINATOR_FLEET_REGISTRY_H_
#define JETTYFLEET_COORDINATOR_FLEET_REGISTRY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// A host by what its certificate says: a node of a cluster, or a load balancer (no cluster).
struct HostKey {
  std::string cluster;
  std::string host;
  bool is_load_balancer() const { return cluster.empty(); }
  friend auto operator<=>(const HostKey&, const HostKey&) = default;
};

// Core thread only; owned by the coordinator's core. `now` is always the coordinator's wall clock.
class Registry {
 public:
  Registry(std::string coordinator_uuid, uint64_t epoch, std::string coordinator_host)
      : coordinator_uuid_(std::move(coordinator_uuid)), epoch_(epoch), coordinator_host_(std::move(coordinator_host)) {}

  // A cluster exists from its first agent or its first description on.
  void SetDescription(const v1::ClusterDescription& description);

  // There is such a cluster, though nothing has been heard of it yet.
  void Expect(const std::string& cluster) { Cluster(cluster); }

  void Connected(const HostKey& key, const v1::Hello& hello, absl::Time now);
  void Disconnected(const HostKey& key, absl::Time now);
  void TakeSnapshot(const HostKey& key, const v1::HostReport& report, absl::Time now);
  void TakeChange(const HostKey& key, const v1::HostChange& change, absl::Time now);
  // The agent has answered an Observe that was sent at `sent_at`.
  void TakeObserved(const HostKey& key, const v1::Observe& observe, absl::Time sent_at, absl::Time now);

  // Clusters whose view holds the host.
  std::vector<std::string> ClustersOf(const HostKey& key) const;

  // nullptr: there is no such cluster. Valid until the next call that changes the registry.
  ClusterView* Find(const std::string& cluster);
  const std::map<std::string, ClusterView>& clusters() const { return clusters_; }

  // What the host is to watch, from the descriptions.
  v1::Watch WatchFor(const HostKey& key) const;

 private:
  HostView& Host(const HostKey& key);
  ClusterView& Cluster(const std::string& name);
  // Copies a load balancer's view into every cluster that names it.
  void SpreadLoadBalancer(const std::string& host);

  const std::string coordinator_uuid_;
  const uint64_t epoch_;
  const std::string coordinator_host_;
  std::map<std::string, ClusterView> clusters_;
  std::map<std::string, HostView> load_balancers_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_FLEET_REGISTRY_H_
