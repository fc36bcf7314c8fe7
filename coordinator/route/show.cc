#include "coordinator/route/show.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/route/findings.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

// A server that was taken out of HAProxy's configuration is reported no more, and its last fact grows old beside those
// of the others, which are all read at once.
constexpr absl::Duration kGoneAfter = absl::Seconds(2);

v1::RouteServer ServerOf(const RoutedServer& routed, absl::Time since) {
  v1::RouteServer server;
  server.set_load_balancer(routed.load_balancer);
  server.set_backend(routed.backend);
  server.set_server(routed.server);
  if (routed.SeenSince(since)) server.set_seen(v1::ANSWER_YES);
  if (routed.fact != nullptr) *server.mutable_fact() = *routed.fact;
  server.set_described_address(routed.described_address);
  server.set_described_port(routed.described_port);
  if (routed.host != nullptr) {
    for (const v1::LeaseFact& lease : LeasesOn(*routed.host, routed.backend, routed.server)) {
      *server.add_leases() = lease;
    }
  }
  return server;
}

v1::RouteNode NodeOf(const ClusterView& view, const v1::ResourceDescription& resource, const std::string& name,
                     absl::Time since) {
  v1::RouteNode node;
  node.set_node(name);
  node.set_resource(resource.name());
  const HostView* const dc = DcView(view);
  if (dc != nullptr && dc->fresh.cluster >= since) {
    const bool started = StartedOn(dc->report.cluster(), resource).count(name) > 0;
    node.set_started(started ? v1::ANSWER_YES : v1::ANSWER_NO);
  }
  const HostView* const host = ConnectedNode(view, name);
  if (host == nullptr) return node;
  if (host->fresh.units >= since) {
    node.set_unit_active(UnitActive(*host, resource));
    node.set_port_bound(PortsBound(*host, resource));
  }
  if (host->fresh.http >= since) node.set_http_ready(HttpHealthy(*host, resource));
  return node;
}

void AddUnmapped(const ClusterView& view, absl::Time since, v1::RouteShowResponse* picture) {
  std::set<std::pair<std::string, std::string>> hosts_done;
  for (const v1::LoadBalancerDescription& balancer : view.description.load_balancers()) {
    const HostView* const host = ConnectedLoadBalancer(view, balancer.host());
    if (host == nullptr || !hosts_done.emplace(balancer.host(), balancer.backend()).second) continue;
    std::set<std::string> mapped;
    for (const auto& [node, server] : balancer.servers()) mapped.insert(server);
    absl::Time newest = absl::InfinitePast();
    for (const v1::LbServerFact& fact : host->report.lb_servers()) {
      newest = std::max(newest, FromProto(fact.observed_at()));
    }
    for (const v1::LbServerFact& fact : host->report.lb_servers()) {
      if (fact.backend() != balancer.backend() || mapped.contains(fact.server()) || !fact.error().empty()) continue;
      if (FromProto(fact.observed_at()) + kGoneAfter < newest) continue;
      v1::RouteServer* const server = picture->add_unmapped();
      server->set_load_balancer(balancer.host());
      server->set_backend(fact.backend());
      server->set_server(fact.server());
      if (host->fresh.lb_servers >= since) server->set_seen(v1::ANSWER_YES);
      *server->mutable_fact() = fact;
    }
  }
}

v1::Answer Overall(const v1::RouteShowResponse& picture) {
  v1::Answer all = v1::ANSWER_YES;
  for (const v1::RouteFinding& finding : picture.findings()) {
    if (finding.agrees() == v1::ANSWER_NO) return v1::ANSWER_NO;
    all = v1::ANSWER_UNSPECIFIED;
  }
  return all;
}

}  // namespace

v1::RouteShowResponse ShowRoute(const ClusterView& view, absl::Time since, absl::Time now) {
  v1::RouteShowResponse picture;
  picture.set_cluster(view.cluster);
  *picture.mutable_as_of() = ToProto(now);
  const std::vector<RoutedServer> servers = RoutedServers(view);
  for (const v1::ResourceDescription& resource : view.description.resources()) {
    std::set<std::string> nodes(view.description.nodes().begin(), view.description.nodes().end());
    for (const RoutedServer& server : servers) {
      if (server.resource == &resource) nodes.insert(server.node);
    }
    const HostView* const dc = DcView(view);
    if (dc != nullptr) nodes.merge(StartedOn(dc->report.cluster(), resource));
    for (const std::string& name : nodes) {
      v1::RouteNode node = NodeOf(view, resource, name, since);
      for (const RoutedServer& server : servers) {
        if (server.resource == &resource && server.node == name) *node.add_servers() = ServerOf(server, since);
      }
      *picture.add_nodes() = std::move(node);
    }
  }
  AddUnmapped(view, since, &picture);
  const HostView* const dc = DcView(view);
  if (dc == nullptr || dc->fresh.cluster < since) {
    v1::RouteFinding* const finding = picture.add_findings();
    finding->set_subject("cluster");
    finding->set_detail(dc == nullptr ? DcClaims(view) : "the DC did not answer in time, so who runs is not known");
  }
  for (v1::RouteFinding& finding : JudgeRoute(view.description, picture, now)) {
    *picture.add_findings() = std::move(finding);
  }
  picture.set_agrees(Overall(picture));
  return picture;
}

}  // namespace jettyfleet
