#include "coordinator/plan/prediction.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kSystemd = "systemd:";

// Instances of a clone may carry a number: "jetty:1".
std::string PrimitiveOf(const std::string& resource) { return resource.substr(0, resource.find(':')); }

bool Failed(const v1::ClusterFact& cluster, const std::string& resource, const std::string& node) {
  return std::any_of(cluster.failures().begin(), cluster.failures().end(), [&](const v1::FailureFact& failure) {
    return PrimitiveOf(failure.resource()) == resource && failure.node() == node;
  });
}

std::string Nodes(const std::vector<std::string>& nodes) {
  return nodes.empty() ? "no node" : absl::StrJoin(nodes, ", ");
}

}  // namespace

Disruption DisruptionOf(const v1::Action& action, const v1::Prediction& prediction, const ClusterView& view) {
  Disruption disruption;
  const bool harmless_kind = action.has_cleanup_resource() || action.has_disable_unit() || action.has_set_operation();
  if (prediction.predicted() != v1::ANSWER_YES) {
    disruption.unknown = !harmless_kind;
    return disruption;
  }
  const std::string dc = QuorateDc(view);
  if (dc.empty()) {
    disruption.unknown = true;
    return disruption;
  }
  const v1::ClusterFact& cluster = view.nodes.at(dc).report.cluster();
  const Instances now = InstancesOf(view);
  std::set<std::string> nodes;
  for (const v1::PredictedOperation& operation : prediction.operations()) {
    if (operation.task() != "stop" && operation.task() != "demote") continue;
    const std::string resource = PrimitiveOf(operation.resource());
    const auto running = now.placement.find(resource);
    if (running == now.placement.end()) continue;
    if (std::find(running->second.begin(), running->second.end(), operation.node()) == running->second.end()) continue;
    if (Failed(cluster, resource, operation.node())) continue;
    disruption.instances.push_back(absl::StrCat(resource, " on ", operation.node()));
    nodes.insert(operation.node());
  }
  disruption.nodes.assign(nodes.begin(), nodes.end());
  return disruption;
}

Instances InstancesOf(const ClusterView& view) {
  Instances instances;
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return instances;
  for (const v1::ClusterNodeFact& node : view.nodes.at(dc).report.cluster().nodes()) {
    if (node.online() && !node.standby() && !node.pending()) instances.members.insert(node.name());
  }
  for (const v1::InstanceFact& instance : view.nodes.at(dc).report.cluster().instances()) {
    const std::string resource = PrimitiveOf(instance.resource());
    std::vector<std::string>& nodes = instances.placement[resource];
    if (instance.role() != "Started") continue;
    for (const std::string& node : instance.nodes()) {
      nodes.push_back(node);
      const auto host = view.nodes.find(node);
      if (host == view.nodes.end() || !absl::StartsWith(instance.agent(), kSystemd)) continue;
      const std::string unit = absl::StrCat(instance.agent().substr(kSystemd.size()), ".service");
      for (const v1::UnitFact& fact : host->second.report.units()) {
        if (fact.unit() == unit && fact.main_pid() > 0) instances.processes[{resource, node}] = fact.main_pid();
      }
    }
  }
  for (auto& [resource, nodes] : instances.placement) std::sort(nodes.begin(), nodes.end());
  return instances;
}

std::string FailureOn(const ClusterView& view, const std::string& resource, const std::string& node) {
  const v1::ClusterFact& cluster = view.nodes.at(QuorateDc(view)).report.cluster();
  for (const v1::FailureFact& failure : cluster.failures()) {
    if (PrimitiveOf(failure.resource()) != resource || failure.node() != node) continue;
    std::string text = absl::StrCat("; ", failure.operation(), " failed on ", node, ": ",
                                    failure.exit_reason().empty() ? failure.status() : failure.exit_reason());
    const auto host = view.nodes.find(node);
    if (host == view.nodes.end()) return text;
    for (const v1::UnitFact& unit : host->second.report.units()) {
      if (unit.journal_tail_size() == 0) continue;
      absl::StrAppend(&text, "; journal: ", absl::StrJoin(unit.journal_tail(), " | "));
      break;
    }
    return text;
  }
  return "";
}

bool AnyUnmanaged(const v1::ClusterFact& cluster) {
  return std::any_of(cluster.instances().begin(), cluster.instances().end(),
                     [](const v1::InstanceFact& instance) { return !instance.managed(); });
}

std::string Surprise(const v1::Prediction& prediction, const Instances& before, const ClusterView& after) {
  if (prediction.predicted() != v1::ANSWER_YES) return "";
  const Instances now = InstancesOf(after);
  if (now.members != before.members) return "";
  std::set<std::pair<std::string, std::string>> touched;
  for (const v1::PredictedOperation& operation : prediction.operations()) {
    touched.emplace(PrimitiveOf(operation.resource()), operation.node());
  }
  std::set<std::string> unmanaged;
  if (const std::string dc = QuorateDc(after); !dc.empty()) {
    for (const v1::InstanceFact& instance : after.nodes.at(dc).report.cluster().instances()) {
      if (!instance.managed()) unmanaged.insert(PrimitiveOf(instance.resource()));
    }
  }
  for (const v1::PredictedPlacement& predicted : prediction.placements()) {
    if (unmanaged.contains(predicted.resource())) continue;
    std::vector<std::string> want(predicted.nodes().begin(), predicted.nodes().end());
    std::sort(want.begin(), want.end());
    const auto found = now.placement.find(predicted.resource());
    const std::vector<std::string> have = found == now.placement.end() ? std::vector<std::string>() : found->second;
    if (have != want) {
      std::string why;
      for (const std::string& node : want) {
        if (why.empty() && std::find(have.begin(), have.end(), node) == have.end()) {
          why = FailureOn(after, predicted.resource(), node);
        }
      }
      return absl::StrCat("Pacemaker was expected to run ", predicted.resource(), " on ", Nodes(want),
                          ", and it runs on ", Nodes(have), why);
    }
  }
  for (const auto& [key, process] : before.processes) {
    if (touched.contains(key)) continue;
    const auto found = now.processes.find(key);
    if (found != now.processes.end() && found->second != process) {
      return absl::StrCat(key.first, " on ", key.second,
                          " was not expected to stop, and it was started again (process ", process, " is now ",
                          found->second, ")");
    }
  }
  return "";
}

}  // namespace jettyfleet
