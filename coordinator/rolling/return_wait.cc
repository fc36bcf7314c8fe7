#include "coordinator/rolling/return_wait.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {
namespace {

std::string WithSeen(const std::string& what, const std::string& seen) {
  return absl::StrCat(what, " (", seen.empty() ? "not reported" : seen, ")");
}

std::string UnitSeen(const HostView* host, const v1::ResourceDescription& resource) {
  const v1::UnitFact* const unit = host == nullptr ? nullptr : UnitOf(*host, resource);
  if (unit == nullptr || unit->active_state().empty()) return "";
  return absl::StrCat("it is ", unit->active_state(), ", ", unit->sub_state());
}

std::string PortsSeen(const HostView* host, const v1::ResourceDescription& resource) {
  std::vector<std::string> seen;
  if (host == nullptr) return "";
  for (const v1::PortFact& port : host->report.ports()) {
    if (port.resource() != resource.name() || port.bound_by_unit() == v1::ANSWER_YES) continue;
    const char* const how = port.bound() == v1::ANSWER_NO    ? " is not bound"
                            : port.bound() == v1::ANSWER_YES ? " is held by another process"
                                                             : " is not known";
    seen.push_back(absl::StrCat(port.port(), how));
  }
  return absl::StrJoin(seen, ", ");
}

std::string HttpSeen(const Operation& operation, const HostView* host, const v1::ResourceDescription& resource) {
  if (host == nullptr) return "";
  for (const v1::HttpFact& http : host->report.http()) {
    if (http.resource() != resource.name()) continue;
    if (!http.error().empty()) return http.error();
    std::string seen = absl::StrCat("it answered ", http.status());
    if (http.body_matches() == v1::ANSWER_NO) absl::StrAppend(&seen, " with another body than described");
    const bool changes = operation.spec.has_rollout() && !operation.spec.rollout().restart_only();
    if (changes && !resource.health().version().empty() && http.version() != operation.spec.rollout().version()) {
      absl::StrAppend(&seen, http.version().empty() ? std::string(", and told no version")
                                                    : absl::StrCat(" from version ", http.version()));
    }
    return seen;
  }
  return "";
}

std::string ServersSeen(const ClusterView& view, const std::string& resource, const std::string& node) {
  std::vector<std::string> seen;
  for (const ServerRef& server : ServersFor(view, resource, node)) {
    if (server.lb == nullptr) {
      seen.push_back(absl::StrCat(server.host, " is not connected"));
    } else if (server.fact != nullptr && !IsUpAndChecked(*server.fact)) {
      seen.push_back(absl::StrCat(server.host, " says ",
                                  server.fact->error().empty() ? server.fact->status() : server.fact->error(),
                                  server.fact->check_status().empty() ? "" : " ", server.fact->check_status()));
    }
  }
  return absl::StrJoin(seen, ", ");
}

}  // namespace

std::string WaitsFor(const Operation& operation, const ClusterView& view, const NodeVisit& visit) {
  const v1::ResourceDescription* const resource = FindResource(view, operation.spec.resource());
  if (resource == nullptr) return "a description that has its resource";
  const HostView* const host = ConnectedNode(view, visit.node);
  switch (visit.step) {
    case v1::NODE_STEP_RESTORE:
      return "what was done to it to be undone";
    case v1::NODE_STEP_CLUSTER_START:
      return WithSeen("the cluster to start its instance", UnitSeen(host, *resource));
    case v1::NODE_STEP_UNIT_ACTIVE:
      return WithSeen("its unit to be active", UnitSeen(host, *resource));
    case v1::NODE_STEP_PORT_BOUND:
      return WithSeen("its ports to be bound by its unit", PortsSeen(host, *resource));
    case v1::NODE_STEP_HTTP_READY:
      return WithSeen("HTTP as described", HttpSeen(operation, host, *resource));
    case v1::NODE_STEP_LB_READY:
      return WithSeen("its load balancers to have it up", ServersSeen(view, operation.spec.resource(), visit.node));
    default:
      return "the cluster to be idle, with as many instances serving as before";
  }
}

}  // namespace jettyfleet
