#include "coordinator/apply/readiness.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/plan/planner.h"
#include "coordinator/plan/resource_plan.h"
#include "coordinator/verify/judge.h"

namespace jettyfleet {
namespace {

void JudgeResource(const v1::ClusterDescription& description, const v1::ResourceDescription& resource,
                   const ClusterView& view, const v1::ClusterFact& cluster, absl::Time since, Readiness* readiness) {
  const std::set<std::string> allowed = AllowedNodes(description, view);
  uint32_t usable = 0;
  for (const v1::ClusterNodeFact& node : cluster.nodes()) {
    usable += allowed.contains(node.name()) && node.online() && !node.standby() ? 1 : 0;
  }
  const uint32_t expected = std::min(InstancesWanted(resource, allowed.size()), usable);
  const std::vector<std::string> running = NodesRunning(view, resource);
  if (running.size() < expected) {
    readiness->missing.push_back(
        absl::StrCat(running.size(), " of ", expected, " instances of ", resource.name(), " started"));
  }
  for (const std::string& node : running) {
    const auto host = view.nodes.find(node);
    if (host == view.nodes.end()) {
      readiness->missing.push_back(absl::StrCat("no agent on ", node));
      continue;
    }
    v1::VerifyFinding finding = JudgeInstance(host->second, resource, since);
    if (finding.passed() != v1::ANSWER_YES) {
      readiness->missing.push_back(absl::StrCat(finding.subject(), ": ", finding.detail()));
    } else {
      readiness->ready.push_back(std::move(finding));
    }
  }
}

void JudgeServers(const v1::ClusterDescription& description, const ClusterView& view, absl::Time since,
                  Readiness* readiness) {
  for (const v1::ResourceDescription& resource : description.resources()) {
    const std::vector<std::string> running = NodesRunning(view, resource);
    for (const v1::LoadBalancerDescription& balancer : description.load_balancers()) {
      const auto host = view.load_balancers.find(balancer.host());
      if (balancer.resource() != resource.name() || host == view.load_balancers.end() || !host->second.connected) {
        continue;
      }
      for (const v1::LbServerFact& server : host->second.report.lb_servers()) {
        const bool ours = server.backend() == balancer.backend() &&
                          std::find(running.begin(), running.end(), server.node()) != running.end();
        if (!ours || server.admin_state() != v1::LbServerFact::ADMIN_STATE_READY) continue;
        const std::string subject =
            absl::StrCat("server ", server.backend(), "/", server.server(), " on ", balancer.host());
        if (host->second.fresh.lb_servers < since || !absl::StartsWith(server.status(), "UP") ||
            server.check_status() != "L7OK") {
          readiness->missing.push_back(absl::StrCat(subject, ": ", server.status()));
          continue;
        }
        v1::VerifyFinding finding;
        finding.set_subject(subject);
        finding.set_passed(v1::ANSWER_YES);
        finding.set_detail(absl::StrCat(server.status(), ", check ", server.check_status()));
        readiness->ready.push_back(std::move(finding));
      }
    }
  }
}

}  // namespace

bool HasFailures(const v1::ClusterFact& cluster) {
  return cluster.failures_size() > 0 ||
         std::any_of(cluster.instances().begin(), cluster.instances().end(),
                     [](const v1::InstanceFact& instance) { return instance.orphaned(); });
}

Readiness JudgeReadiness(const v1::ClusterDescription& description, const ClusterView& view, absl::Time since) {
  Readiness readiness;
  const std::string dc = QuorateDc(view);
  if (dc.empty()) {
    readiness.missing.push_back(DcClaims(view));
    return readiness;
  }
  const v1::ClusterFact& cluster = view.nodes.at(dc).report.cluster();
  for (const v1::ResourceDescription& resource : description.resources()) {
    JudgeResource(description, resource, view, cluster, since, &readiness);
  }
  JudgeServers(description, view, since, &readiness);
  return readiness;
}

}  // namespace jettyfleet
