#include "coordinator/plan/planner.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/plan/resource_plan.h"

namespace jettyfleet {
namespace {

// Nodes on which the unit is active and no resource of the cluster has it started.
std::set<std::string> ActiveOutside(const std::string& unit, const ClusterView& view, const v1::ClusterFact& cluster) {
  std::set<std::string> managed;
  for (const v1::InstanceFact& instance : cluster.instances()) {
    if (instance.agent() == absl::StrCat("systemd:", unit))
      managed.insert(instance.nodes().begin(), instance.nodes().end());
  }
  std::set<std::string> outside;
  for (const auto& [node, host] : view.nodes) {
    for (const v1::UnitFact& fact : host.report.units()) {
      const bool active = fact.unit() == absl::StrCat(unit, ".service") && fact.active_state() == "active";
      if (active && !managed.contains(node)) outside.insert(node);
    }
  }
  return outside;
}

// A unit that systemd starts at boot starts behind the cluster's back.
void PlanUnits(const v1::ResourceDescription& resource, const std::set<std::string>& nodes, const ClusterView& view,
               Plan* plan) {
  for (const auto& [node, host] : view.nodes) {
    if (!nodes.contains(node) || !host.connected) continue;
    for (const v1::UnitFact& fact : host.report.units()) {
      if (fact.unit() != absl::StrCat(resource.unit(), ".service")) continue;
      if (fact.unit_file_state() != "enabled" && fact.unit_file_state() != "enabled-runtime") continue;
      PlanStep step;
      step.what = absl::StrCat("disable ", resource.unit(), " at boot on ", node);
      step.found = absl::StrCat(fact.unit(), " is ", fact.unit_file_state(),
                                " there: systemd would start it behind the cluster's back");
      step.host = node;
      step.action.mutable_disable_unit()->set_unit(resource.unit());
      plan->steps.push_back(std::move(step));
    }
  }
}

void RemarkOnCluster(const std::set<std::string>& allowed, const v1::ClusterFact& cluster, Plan* plan) {
  for (const v1::ClusterNodeFact& node : cluster.nodes()) {
    if (!allowed.contains(node.name())) continue;
    if (node.standby()) {
      plan->remarks.push_back(absl::StrCat("node ", node.name(),
                                           " is in standby, which is an operator's to end (pcs node unstandby ",
                                           node.name(), "); no instance runs there until then"));
    }
    if (!node.online()) plan->remarks.push_back(absl::StrCat("node ", node.name(), " is offline"));
  }
}

}  // namespace

std::set<std::string> AllowedNodes(const v1::ClusterDescription& description, const ClusterView& view) {
  if (description.nodes_size() > 0) return {description.nodes().begin(), description.nodes().end()};
  std::set<std::string> nodes;
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return nodes;
  for (const v1::ClusterNodeFact& node : view.nodes.at(dc).report.cluster().nodes()) nodes.insert(node.name());
  return nodes;
}

Plan PlanOfResource(const v1::ClusterDescription& description, const v1::ResourceDescription& resource,
                    const ClusterView& view) {
  Plan plan;
  const v1::HostReport& report = view.nodes.at(QuorateDc(view)).report;
  const ResourceSituation situation{report.cib(), report.cluster(), AllowedNodes(description, view),
                                    ActiveOutside(resource.unit(), view, report.cluster())};
  PlanUnits(resource, situation.nodes, view, &plan);
  PlanResource(resource, situation, &plan);
  return plan;
}

Plan MakePlan(const v1::ClusterDescription& description, const ClusterView& view) {
  Plan plan;
  const std::string dc = QuorateDc(view);
  if (dc.empty()) {
    plan.refused = DcClaims(view);
    return plan;
  }
  const v1::ClusterFact& cluster = view.nodes.at(dc).report.cluster();
  std::set<std::string> members;
  for (const v1::ClusterNodeFact& node : cluster.nodes()) members.insert(node.name());
  for (int i = 0; i < description.nodes_size(); ++i) {
    if (members.contains(description.nodes(i))) continue;
    plan.refused = absl::StrCat("the description names ", description.nodes(i), ", the cluster has ",
                                absl::StrJoin(members, ", "));
    plan.refused_path = absl::StrCat("nodes[", i, "]");
    return plan;
  }
  for (int i = 0; i < description.resources_size(); ++i) {
    Plan part = PlanOfResource(description, description.resources(i), view);
    for (PlanStep& step : part.steps) plan.steps.push_back(std::move(step));
    for (std::string& remark : part.remarks) plan.remarks.push_back(std::move(remark));
    if (part.refused.empty()) continue;
    plan.refused = std::move(part.refused);
    plan.refused_path = absl::StrCat("resources[", i, "].name");
    return plan;
  }
  RemarkOnCluster(AllowedNodes(description, view), cluster, &plan);
  return plan;
}

}  // namespace jettyfleet
