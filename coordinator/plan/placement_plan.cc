#include "coordinator/plan/placement_plan.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

bool Forbids(const v1::LocationFact& location) { return !location.has_rule() && location.score() == "-INFINITY"; }

void AddCleanup(const std::string& resource, const std::string& node, std::string found, Plan* plan) {
  PlanStep step;
  step.what = absl::StrCat("forget the failures of ", resource, node.empty() ? "" : " on ", node);
  step.found = std::move(found);
  step.action.mutable_cleanup_resource()->set_resource(resource);
  step.action.mutable_cleanup_resource()->set_node(node);
  plan->steps.push_back(std::move(step));
}

}  // namespace

std::string AvoidId(const std::string& clone, const std::string& node) {
  return absl::StrCat("jettyfleet-avoid-", clone, "-", node);
}

void PlanPlacement(const std::string& clone, const ResourceSituation& situation, const std::set<std::string>& targets,
                   Plan* plan) {
  std::set<std::string> avoided;
  for (const v1::LocationFact& location : situation.cib.locations()) {
    if (!targets.contains(location.resource())) continue;
    if (location.has_rule()) {
      plan->remarks.push_back(absl::StrCat("constraint ", location.id(), " of ", location.resource(),
                                           " has a rule; left as it is (pcs constraint location)"));
      continue;
    }
    if (!Forbids(location)) {
      // pcs would replace it by ours without a word.
      if (!situation.nodes.contains(location.node()) && plan->refused.empty()) {
        plan->refused = absl::StrCat("the description leaves out ", location.node(), ", and the constraint ", location.id(),
                                     " gives ", location.resource(), " a score of ", location.score(),
                                     " there; remove it with pcs constraint delete ", location.id());
      }
      continue;
    }
    if (!situation.nodes.contains(location.node())) {
      avoided.insert(location.node());
      continue;
    }
    PlanStep step;
    step.what = absl::StrCat("remove the constraint ", location.id());
    step.found =
        absl::StrCat("it keeps ", location.resource(), " off ", location.node(), ", where it is described to run");
    step.action.mutable_remove_location()->set_id(location.id());
    plan->steps.push_back(std::move(step));
  }
  for (const v1::ClusterNodeFact& node : situation.cluster.nodes()) {
    if (situation.nodes.contains(node.name()) || avoided.contains(node.name())) continue;
    PlanStep step;
    step.what = absl::StrCat("keep ", clone, " off ", node.name());
    step.found = absl::StrCat("the description does not list ", node.name());
    step.action.mutable_avoid_node()->set_id(AvoidId(clone, node.name()));
    step.action.mutable_avoid_node()->set_resource(clone);
    step.action.mutable_avoid_node()->set_node(node.name());
    plan->steps.push_back(std::move(step));
  }
}

void PlanFailures(const v1::PrimitiveFact& found, const v1::ClusterFact& cluster, Plan* plan) {
  // One step for a node, however many of its operations failed.
  std::map<std::string, std::string> failed;
  for (const v1::FailureFact& failure : cluster.failures()) {
    // Instances of a clone may carry a number: "jetty:1".
    const std::string resource = failure.resource().substr(0, failure.resource().find(':'));
    if (resource != found.id()) continue;
    failed[failure.node()] = absl::StrCat(failure.operation(), " failed on ", failure.node(), ": ",
                                          failure.exit_reason().empty() ? failure.status() : failure.exit_reason());
  }
  for (const auto& [node, phrase] : failed) AddCleanup(found.id(), node, phrase, plan);
}

void PlanOrphans(const v1::ResourceDescription& wanted, const v1::PrimitiveFact* found, const v1::ClusterFact& cluster,
                 Plan* plan) {
  std::set<std::string> seen;
  for (const v1::InstanceFact& instance : cluster.instances()) {
    if (!instance.orphaned() || instance.agent() != absl::StrCat("systemd:", wanted.unit())) continue;
    const std::string resource = instance.resource().substr(0, instance.resource().find(':'));
    // More instances than clone-max asks for are stopped by Pacemaker itself, and are no history to be forgotten.
    if ((found != nullptr && found->id() == resource) || !seen.insert(resource).second) continue;
    AddCleanup(resource, "", absl::StrCat(resource, " is an orphan: its resource was deleted"), plan);
  }
}

}  // namespace jettyfleet
