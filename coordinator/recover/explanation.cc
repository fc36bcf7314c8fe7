#include "coordinator/recover/explanation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// The primitive's id, where the cluster counts on an instance of the unit running on the node.
std::string ExpectedThere(const v1::ClusterFact& cluster, const v1::ResourceDescription& resource,
                          const std::string& node) {
  for (const v1::InstanceFact& instance : cluster.instances()) {
    const bool there = std::count(instance.nodes().begin(), instance.nodes().end(), node) > 0;
    if (!there || instance.agent() != absl::StrCat("systemd:", resource.unit())) continue;
    const bool fit = instance.role() == "Started" && instance.active() && instance.managed() && !instance.blocked() &&
                     !instance.failed() && !instance.orphaned() && !instance.disabled();
    if (fit) return instance.resource().substr(0, instance.resource().find(':'));
  }
  return "";
}

}  // namespace

Explanation Explain(const ClusterView& view, const v1::ResourceDescription& resource, const std::string& node,
                    bool busy, absl::Time since) {
  Explanation explanation;
  if (busy || view.nodes.at(node).report.leases_size() > 0) {
    explanation.kind = Explanation::Kind::kExplained;
    return explanation;
  }
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return explanation;
  const HostView& host = view.nodes.at(dc);
  const v1::ClusterFact& cluster = host.report.cluster();
  const bool seen = host.fresh.cluster >= since && host.fresh.cib >= since && host.report.cib().error().empty();
  if (!seen || (cluster.idle() != v1::ANSWER_YES && !cluster.maintenance_mode())) {
    explanation.look = dc;
    return explanation;
  }
  explanation.kind = Explanation::Kind::kExplained;
  if (cluster.maintenance_mode() || !host.report.cib().ours().empty()) return explanation;
  explanation.primitive = ExpectedThere(cluster, resource, node);
  if (!explanation.primitive.empty()) explanation.kind = Explanation::Kind::kUnexplained;
  return explanation;
}

}  // namespace jettyfleet
