#include "coordinator/fleet/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// How late a frozen instance may be noticed that Pacemaker is to be told of; an answer takes the agent about a
// millisecond.
constexpr absl::Duration kProbeForRecovery = absl::Seconds(3);

// Replaces the fact with the same key, or adds it.
template <typename Facts, typename SameKey>
void Upsert(const Facts& changed, Facts* facts, SameKey same_key) {
  for (const auto& fact : changed) {
    const auto found =
        std::find_if(facts->begin(), facts->end(), [&](const auto& other) { return same_key(fact, other); });
    if (found != facts->end()) {
      *found = fact;
    } else {
      *facts->Add() = fact;
    }
  }
}

}  // namespace

ClusterView& Registry::Cluster(const std::string& name) {
  const auto [found, added] = clusters_.try_emplace(name);
  if (added) {
    found->second.cluster = name;
    found->second.coordinator_uuid = coordinator_uuid_;
    found->second.epoch = epoch_;
  }
  return found->second;
}

HostView& Registry::Host(const HostKey& key) {
  HostView& host = key.is_load_balancer() ? load_balancers_[key.host] : Cluster(key.cluster).nodes[key.host];
  host.host = key.host;
  return host;
}

void Registry::SpreadLoadBalancer(const std::string& host) {
  for (auto& [name, cluster] : clusters_) {
    for (const v1::LoadBalancerDescription& described : cluster.description.load_balancers()) {
      if (described.host() == host) cluster.load_balancers[host] = load_balancers_[host];
    }
  }
}

void Registry::SetDescription(const v1::ClusterDescription& description) {
  ClusterView& cluster = Cluster(description.cluster());
  cluster.description = description;
  cluster.load_balancers.clear();
  for (const v1::LoadBalancerDescription& described : description.load_balancers()) {
    HostView& host = load_balancers_[described.host()];
    host.host = described.host();
    cluster.load_balancers[described.host()] = host;
  }
}

void Registry::Connected(const HostKey& key, const v1::Hello& hello, absl::Time now) {
  HostView& host = Host(key);
  host.connected = true;
  host.connected_at = now;
  host.last_heard_at = now;
  host.boot_id = hello.boot_id();
  host.restart_sequence = hello.restart_sequence();
  host.version = hello.version();
  host.fresh = Freshness{};
  host.report.Clear();
  if (!key.is_load_balancer() && key.host == coordinator_host_) Cluster(key.cluster).coordinator_node = key.host;
  if (key.is_load_balancer()) SpreadLoadBalancer(key.host);
}

void Registry::Disconnected(const HostKey& key, absl::Time now) {
  HostView& host = Host(key);
  host.connected = false;
  host.last_heard_at = now;
  if (key.is_load_balancer()) SpreadLoadBalancer(key.host);
}

void Registry::TakeSnapshot(const HostKey& key, const v1::HostReport& report, absl::Time now) {
  HostView& host = Host(key);
  host.report = report;
  host.last_heard_at = now;
  if (key.is_load_balancer()) SpreadLoadBalancer(key.host);
}

void Registry::TakeChange(const HostKey& key, const v1::HostChange& change, absl::Time now) {
  HostView& host = Host(key);
  host.last_heard_at = now;
  v1::HostReport& report = host.report;
  Upsert(change.units(), report.mutable_units(),
         [](const v1::UnitFact& a, const v1::UnitFact& b) { return a.unit() == b.unit(); });
  for (const std::string& gone : change.units_gone()) {
    auto* const units = report.mutable_units();
    units->erase(
        std::remove_if(units->begin(), units->end(), [&](const v1::UnitFact& unit) { return unit.unit() == gone; }),
        units->end());
  }
  Upsert(change.ports(), report.mutable_ports(), [](const v1::PortFact& a, const v1::PortFact& b) {
    return a.resource() == b.resource() && a.port() == b.port();
  });
  Upsert(change.http(), report.mutable_http(),
         [](const v1::HttpFact& a, const v1::HttpFact& b) { return a.resource() == b.resource(); });
  Upsert(change.lb_servers(), report.mutable_lb_servers(), [](const v1::LbServerFact& a, const v1::LbServerFact& b) {
    return a.backend() == b.backend() && a.server() == b.server();
  });
  for (const v1::LbServerFact& gone : change.lb_servers_gone()) {
    auto* const servers = report.mutable_lb_servers();
    servers->erase(std::remove_if(servers->begin(), servers->end(),
                                  [&](const v1::LbServerFact& server) {
                                    return server.backend() == gone.backend() && server.server() == gone.server();
                                  }),
                   servers->end());
  }
  if (change.has_cluster()) *report.mutable_cluster() = change.cluster();
  if (change.has_cib()) *report.mutable_cib() = change.cib();
  if (change.leases_changed()) *report.mutable_leases() = change.leases();
  if (key.is_load_balancer()) SpreadLoadBalancer(key.host);
}

void Registry::TakeObserved(const HostKey& key, const v1::Observe& observe, absl::Time sent_at, absl::Time now) {
  HostView& host = Host(key);
  host.last_heard_at = now;
  const auto raise = [&](bool asked, absl::Time* fresh) {
    if (asked) *fresh = std::max(*fresh, sent_at);
  };
  raise(observe.cluster(), &host.fresh.cluster);
  raise(observe.cib(), &host.fresh.cib);
  raise(observe.units(), &host.fresh.units);
  raise(observe.http(), &host.fresh.http);
  raise(observe.lb_servers(), &host.fresh.lb_servers);
  if (key.is_load_balancer()) SpreadLoadBalancer(key.host);
}

std::vector<std::string> Registry::ClustersOf(const HostKey& key) const {
  if (!key.is_load_balancer()) return {key.cluster};
  std::vector<std::string> found;
  for (const auto& [name, cluster] : clusters_) {
    if (cluster.load_balancers.contains(key.host)) found.push_back(name);
  }
  return found;
}

ClusterView* Registry::Find(const std::string& cluster) {
  const auto found = clusters_.find(cluster);
  return found == clusters_.end() ? nullptr : &found->second;
}

v1::Watch Registry::WatchFor(const HostKey& key) const {
  v1::Watch watch;
  if (!key.is_load_balancer()) {
    *watch.mutable_cluster_interval() = ToProto(absl::Seconds(60));
    const auto cluster = clusters_.find(key.cluster);
    if (cluster == clusters_.end()) return watch;
    for (const v1::ResourceDescription& resource : cluster->second.description.resources()) {
      v1::WatchedResource* const watched = watch.add_resources();
      watched->set_resource(resource.name());
      watched->set_unit(absl::StrCat(resource.unit(), ".service"));
      *watched->mutable_ports() = resource.ports();
      watched->set_health_port(resource.health().port());
      watched->set_health_path(resource.health().path());
      watched->set_health_status(resource.health().status());
      *watched->mutable_health_timeout() = resource.health().timeout();
      watched->set_health_body(resource.health().body());
      watched->set_health_version(resource.health().version());
      // No event tells of an instance that is frozen.
      if (resource.recover_after_failed_probes() > 0) {
        *watched->mutable_health_interval() = ToProto(kProbeForRecovery);
      }
    }
    return watch;
  }
  for (const auto& [name, cluster] : clusters_) {
    for (const v1::LoadBalancerDescription& balancer : cluster.description.load_balancers()) {
      if (balancer.host() != key.host) continue;
      const std::map<std::string, std::string> servers(balancer.servers().begin(), balancer.servers().end());
      for (const auto& [node, server] : servers) {
        v1::WatchedServer* const watched = watch.add_servers();
        watched->set_backend(balancer.backend());
        watched->set_server(server);
        watched->set_node(node);
      }
    }
  }
  return watch;
}

}  // namespace jettyfleet
