#include "coordinator/rolling/facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/scenario.h"

namespace jettyfleet {
namespace {

const HostView* Connected(const std::map<std::string, HostView>& hosts, const std::string& name) {
  const auto found = hosts.find(name);
  return found == hosts.end() || !found->second.connected ? nullptr : &found->second;
}

const v1::LbServerFact* FindServer(const HostView& lb, const std::string& backend, const std::string& server) {
  for (const v1::LbServerFact& fact : lb.report.lb_servers()) {
    if (fact.backend() == backend && fact.server() == server) return &fact;
  }
  return nullptr;
}

}  // namespace

const HostView* ConnectedNode(const ClusterView& view, const std::string& node) { return Connected(view.nodes, node); }

const HostView* ConnectedLoadBalancer(const ClusterView& view, const std::string& host) {
  return Connected(view.load_balancers, host);
}

const HostView* DcView(const ClusterView& view) { return ConnectedNode(view, QuorateDc(view)); }

const v1::ResourceDescription* FindResource(const ClusterView& view, const std::string& resource) {
  for (const v1::ResourceDescription& described : view.description.resources()) {
    if (described.name() == resource) return &described;
  }
  return nullptr;
}

std::vector<const v1::InstanceFact*> InstancesOf(const v1::ClusterFact& fact, const v1::ResourceDescription& resource) {
  std::vector<const v1::InstanceFact*> instances;
  const std::string agent = absl::StrCat("systemd:", resource.unit());
  for (const v1::InstanceFact& instance : fact.instances()) {
    if (instance.agent() == agent && !instance.orphaned()) instances.push_back(&instance);
  }
  return instances;
}

bool IsStarted(const v1::InstanceFact& instance) {
  return instance.role() == "Started" && instance.active() && !instance.failed() && instance.nodes_size() > 0;
}

std::set<std::string> StartedOn(const v1::ClusterFact& fact, const v1::ResourceDescription& resource) {
  std::set<std::string> nodes;
  for (const v1::InstanceFact* instance : InstancesOf(fact, resource)) {
    if (IsStarted(*instance)) nodes.insert(instance->nodes().begin(), instance->nodes().end());
  }
  return nodes;
}

bool HoldsInstance(const v1::ClusterFact& fact, const v1::ResourceDescription& resource, const std::string& node) {
  for (const v1::InstanceFact* instance : InstancesOf(fact, resource)) {
    if (std::count(instance->nodes().begin(), instance->nodes().end(), node) > 0) return true;
  }
  return false;
}

std::string CloneOf(const v1::ClusterFact& fact, const v1::ResourceDescription& resource) {
  for (const v1::InstanceFact* instance : InstancesOf(fact, resource)) {
    if (!instance->clone().empty()) return instance->clone();
  }
  return "";
}

const v1::UnitFact* UnitOf(const HostView& host, const v1::ResourceDescription& resource) {
  const std::string name = absl::StrCat(resource.unit(), ".service");
  for (const v1::UnitFact& unit : host.report.units()) {
    if (unit.unit() == name && unit.error().empty()) return &unit;
  }
  return nullptr;
}

v1::Answer UnitActive(const HostView& host, const v1::ResourceDescription& resource) {
  const v1::UnitFact* const unit = UnitOf(host, resource);
  if (unit != nullptr && unit->active_state() == "active") return v1::ANSWER_YES;
  if (unit != nullptr && (unit->active_state() == "inactive" || unit->active_state() == "failed")) return v1::ANSWER_NO;
  return v1::ANSWER_UNSPECIFIED;
}

bool HoldsLease(const HostView& host, const std::string& id) {
  return std::any_of(host.report.leases().begin(), host.report.leases().end(),
                     [&id](const v1::LeaseFact& lease) { return lease.id() == id; });
}

bool IsFaultLease(const v1::LeaseFact& lease) {
  return lease.kind() == "unit-freeze" || lease.kind() == "port-blackhole" || lease.kind() == "peer-partition";
}

std::vector<const v1::FailureFact*> FailuresOf(const v1::ClusterFact& fact, const v1::ResourceDescription& resource,
                                               const std::string& node) {
  std::set<std::string> primitives;
  for (const v1::InstanceFact* const instance : InstancesOf(fact, resource)) primitives.insert(instance->resource());
  std::vector<const v1::FailureFact*> failures;
  for (const v1::FailureFact& failure : fact.failures()) {
    // A clone's instances may be numbered ("jetty:1").
    const std::string primitive = failure.resource().substr(0, failure.resource().find(':'));
    if (failure.node() == node && primitives.count(primitive) > 0) failures.push_back(&failure);
  }
  return failures;
}

std::vector<const v1::FailureFact*> OurFailures(const v1::DrillSpec& spec, const v1::ClusterFact& fact,
                                                const v1::ResourceDescription& resource, const std::string& node) {
  const ScenarioTraits traits = TraitsOf(spec);
  if (traits.leaves_failure) return FailuresOf(fact, resource, node);
  std::vector<const v1::FailureFact*> failures;
  if (!traits.may_fence) return failures;
  for (const v1::FailureFact& failure : fact.failures()) {
    if (failure.node() == node) failures.push_back(&failure);
  }
  return failures;
}

v1::Answer PortsBound(const HostView& host, const v1::ResourceDescription& resource) {
  v1::Answer all = v1::ANSWER_YES;
  for (const uint32_t port : resource.ports()) {
    v1::Answer bound = v1::ANSWER_UNSPECIFIED;
    for (const v1::PortFact& fact : host.report.ports()) {
      if (fact.resource() == resource.name() && fact.port() == port) bound = fact.bound_by_unit();
    }
    if (bound == v1::ANSWER_NO) return v1::ANSWER_NO;
    if (bound != v1::ANSWER_YES) all = v1::ANSWER_UNSPECIFIED;
  }
  return all;
}

v1::Answer HttpHealthy(const HostView& host, const v1::ResourceDescription& resource) {
  for (const v1::HttpFact& fact : host.report.http()) {
    if (fact.resource() == resource.name()) return fact.healthy();
  }
  return v1::ANSWER_UNSPECIFIED;
}

int CountServing(const ClusterView& view, const v1::ClusterFact& fact, const v1::ResourceDescription& resource,
                 const std::string& except, absl::Time since) {
  const std::set<std::string> started = StartedOn(fact, resource);
  return std::count_if(started.begin(), started.end(), [&](const std::string& node) {
    const HostView* host = ConnectedNode(view, node);
    return node != except && host != nullptr && host->fresh.http >= since &&
           HttpHealthy(*host, resource) == v1::ANSWER_YES;
  });
}

std::vector<ServerRef> ServersFor(const ClusterView& view, const std::string& resource, const std::string& node) {
  std::vector<ServerRef> servers;
  for (const v1::LoadBalancerDescription& lb : view.description.load_balancers()) {
    const auto server = lb.servers().find(node);
    if (lb.resource() != resource || server == lb.servers().end()) continue;
    ServerRef ref{lb.host(), lb.backend(), server->second, ConnectedLoadBalancer(view, lb.host()), nullptr};
    if (ref.lb != nullptr) ref.fact = FindServer(*ref.lb, ref.backend, ref.server);
    servers.push_back(std::move(ref));
  }
  return servers;
}

bool IsUpAndChecked(const v1::LbServerFact& fact) {
  return fact.error().empty() && fact.status() == "UP" && fact.check_status() == "L7OK";
}

const v1::CibEntryFact* FindCibEntry(const HostView& host, const std::string& id) {
  for (const v1::CibEntryFact& entry : host.report.cib().ours()) {
    if (entry.id() == id) return &entry;
  }
  return nullptr;
}

const v1::CibEntryFact* FindLock(const HostView& host) {
  for (const v1::CibEntryFact& entry : host.report.cib().ours()) {
    if (entry.kind() == v1::CibEntryFact::KIND_LOCK) return &entry;
  }
  return nullptr;
}

}  // namespace jettyfleet
