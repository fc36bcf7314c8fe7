#include "coordinator/rolling/audit/baseline.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/audit/findings.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

std::string NotSeen(const AuditObservations& now, const std::string& node) {
  const HostView* const host = ConnectedNode(now.view, node);
  if (host == nullptr) return absl::StrCat("the agent of node ", node, " is not connected");
  if (std::min({host->fresh.cluster, host->fresh.cib, host->fresh.units}) < now.since) {
    return absl::StrCat("node ", node, " has not been observed");
  }
  if (!host->report.cib().error().empty()) return absl::StrCat("node ", node, ": ", host->report.cib().error());
  if (host->report.cib().configuration_digest().empty()) {
    return absl::StrCat("node ", node, " tells no digest of its CIB; is its agent older than the coordinator?");
  }
  return now.leftovers.count(node) > 0 ? "" : absl::StrCat("node ", node, " has not told what is left on it");
}

void AddInstances(const v1::ClusterFact& fact, v1::AuditBaseline* baseline) {
  for (const v1::InstanceFact& instance : fact.instances()) {
    if (!instance.active() || instance.orphaned()) continue;
    for (const std::string& node : instance.nodes()) {
      v1::AuditBaseline::Place* const place = baseline->add_instances();
      place->set_resource(PrimitiveOf(instance.resource()));
      place->set_node(node);
      place->set_cloned(!instance.clone().empty());
    }
  }
}

void AddProcesses(const HostView& host, v1::AuditBaseline* baseline) {
  for (const v1::UnitFact& unit : host.report.units()) {
    if (unit.active_state() != "active") continue;
    v1::AuditBaseline::Process* const process = baseline->add_processes();
    process->set_node(host.host);
    process->set_unit(unit.unit());
    process->set_main_pid(unit.main_pid());
    if (unit.has_active_since()) *process->mutable_active_since() = unit.active_since();
  }
}

absl::Status AddServers(const AuditObservations& now, v1::AuditBaseline* baseline) {
  for (const v1::LoadBalancerDescription& described : now.view.description.load_balancers()) {
    const HostView* const host = ConnectedLoadBalancer(now.view, described.host());
    if (host == nullptr || host->fresh.lb_servers < now.since) {
      return absl::UnavailableError(absl::StrCat("load balancer ", described.host(), " has not been observed"));
    }
    for (const v1::LbServerFact& fact : host->report.lb_servers()) {
      if (fact.backend() != described.backend()) continue;
      v1::AuditBaseline::Server* const server = baseline->add_servers();
      server->set_host(described.host());
      server->set_backend(fact.backend());
      server->set_server(fact.server());
      server->set_state(fact.admin_state());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::AuditBaseline> TakeAuditBaseline(const AuditObservations& now) {
  const HostView* const dc = DcView(now.view);
  if (dc == nullptr) return absl::UnavailableError("no DC with quorum");
  const v1::ClusterFact& fact = dc->report.cluster();
  v1::AuditBaseline baseline;
  for (const std::string& node : NodesToLookAt(now.view)) {
    const std::string not_seen = NotSeen(now, node);
    if (!not_seen.empty()) return absl::UnavailableError(not_seen);
    (*baseline.mutable_leftovers())[node] = now.leftovers.at(node);
    AddProcesses(*ConnectedNode(now.view, node), &baseline);
  }
  *baseline.mutable_nodes() = fact.nodes();
  baseline.set_maintenance_mode(fact.maintenance_mode());
  AddInstances(fact, &baseline);
  *baseline.mutable_failures() = fact.failures();
  baseline.set_configuration_digest(dc->report.cib().configuration_digest());
  for (const v1::LocationFact& location : dc->report.cib().locations()) baseline.add_locations(location.id());
  if (const absl::Status added = AddServers(now, &baseline); !added.ok()) return added;
  return baseline;
}

std::vector<std::string> NodesToLookAt(const ClusterView& view) {
  std::vector<std::string> nodes;
  const HostView* const dc = DcView(view);
  if (dc == nullptr) return nodes;
  for (const v1::ClusterNodeFact& node : dc->report.cluster().nodes()) nodes.push_back(node.name());
  return nodes;
}

}  // namespace jettyfleet
