#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/check/verdict.h"
#include "coordinator/plan/cib_values.h"
#include "coordinator/plan/resource_plan.h"

namespace jettyfleet {
namespace {

constexpr char kNoDc[] = "the DC did not say";

// What the DC's CIB says of the resource; `verdict` is set where it says nothing.
const v1::PrimitiveFact* Find(const CheckInput& input, const v1::ResourceDescription& resource, Verdict* verdict) {
  const v1::CibFact* const cib = DcCib(input);
  if (cib == nullptr) {
    *verdict = Unknown(kNoDc);
    return nullptr;
  }
  const v1::PrimitiveFact* const found = FindResource(resource, *cib);
  if (found == nullptr) *verdict = Unknown(absl::StrCat("no resource runs systemd:", resource.unit()));
  return found;
}

Verdict Exists(const CheckInput& input, const v1::ResourceDescription& resource) {
  const v1::CibFact* const cib = DcCib(input);
  if (cib == nullptr) return Unknown(kNoDc);
  std::vector<std::string> names;
  for (const v1::PrimitiveFact& primitive : cib->primitives()) {
    if (primitive.resource_class() == "systemd" && primitive.type() == resource.unit()) names.push_back(primitive.id());
  }
  if (names.empty()) return Failed(absl::StrCat("no resource runs systemd:", resource.unit()));
  if (names.size() > 1) {
    return Failed(absl::StrCat("more than one resource runs systemd:", resource.unit(), ": ", absl::StrJoin(names, ", ")));
  }
  return Passed(absl::StrCat(names[0], " runs systemd:", resource.unit()));
}

Verdict Monitor(const CheckInput& input, const v1::ResourceDescription& resource) {
  Verdict verdict;
  const v1::PrimitiveFact* const found = Find(input, resource, &verdict);
  if (found == nullptr) return verdict;
  const int64_t wanted = absl::ToInt64Milliseconds(FromProto(resource.monitor_interval()));
  std::vector<std::string> intervals;
  bool as_described = false;
  for (const v1::OperationFact* const monitor : OperationsNamed(*found, "monitor")) {
    intervals.push_back(monitor->interval());
    as_described |= IntervalMilliseconds(monitor->interval()) == wanted;
  }
  if (intervals.empty()) return Failed("it has no monitor operation: Pacemaker never looks at it");
  const std::string text = absl::StrCat("every ", absl::StrJoin(intervals, " and "));
  return as_described ? Passed(text) : Failed(absl::StrCat(text, "; described is ", IntervalText(wanted)));
}

Verdict Cloned(const CheckInput& input, const v1::ResourceDescription& resource) {
  Verdict verdict;
  const v1::PrimitiveFact* const found = Find(input, resource, &verdict);
  if (found == nullptr) return verdict;
  if (found->clone().empty()) return Failed(absl::StrCat(found->id(), " is not cloned: it runs on one node only"));
  return Passed(absl::StrCat(found->id(), " is cloned as ", found->clone()));
}

Verdict CloneSettings(const CheckInput& input, const v1::ResourceDescription& resource) {
  Verdict verdict;
  const v1::PrimitiveFact* const found = Find(input, resource, &verdict);
  if (found == nullptr) return verdict;
  if (found->clone().empty()) return Unknown("it is not cloned");
  // Without them Pacemaker takes the number of nodes, and 1.
  const std::size_t members = DcCluster(input) == nullptr ? 0 : DcCluster(input)->nodes_size();
  const std::string max = MetaValue(found->clone_meta(), "clone-max");
  const std::string node_max = MetaValue(found->clone_meta(), "clone-node-max");
  const std::string wanted_max = absl::StrCat(InstancesWanted(resource, NodesOf(input).size()));
  const std::string wanted_node_max = absl::StrCat(std::max<uint32_t>(1, resource.clone_node_max()));
  std::vector<std::string> wrong;
  if ((max.empty() ? absl::StrCat(members) : max) != wanted_max) {
    wrong.push_back(absl::StrCat("clone-max is ", max.empty() ? "not set" : max, ", described is ", wanted_max));
  }
  if ((node_max.empty() ? "1" : node_max) != wanted_node_max) {
    wrong.push_back(
        absl::StrCat("clone-node-max is ", node_max.empty() ? "not set" : node_max, ", described is ", wanted_node_max));
  }
  if (!wrong.empty()) return Failed(absl::StrJoin(wrong, "; "));
  return Passed(absl::StrCat("clone-max ", wanted_max, ", clone-node-max ", wanted_node_max));
}

Verdict CloneSettingsOnClone(const CheckInput& input, const v1::ResourceDescription& resource) {
  Verdict verdict;
  const v1::PrimitiveFact* const found = Find(input, resource, &verdict);
  if (found == nullptr) return verdict;
  std::vector<std::string> misplaced;
  for (const char* const name : {"clone-max", "clone-node-max", "interleave", "ordered"}) {
    const std::string value = MetaValue(found->meta(), name);
    if (!value.empty()) misplaced.push_back(absl::StrCat(name, "=", value));
  }
  if (misplaced.empty()) return Passed("none stands on the primitive");
  return Failed(absl::StrCat(absl::StrJoin(misplaced, ", "), " stands on the primitive ", found->id(),
                             ", where it does nothing"));
}

Verdict Instances(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (DcCluster(input) == nullptr) return Unknown(kNoDc);
  const std::vector<std::string> allowed = NodesOf(input);
  std::map<std::string, int> count;
  for (const v1::InstanceFact& instance : InstancesOf(input, resource)) {
    if (instance.role() != "Started") continue;
    for (const std::string& node : instance.nodes()) ++count[node];
  }
  Verdict verdict;
  std::size_t started = 0;
  std::vector<std::string> strange;
  for (const auto& [node, instances] : count) {
    started += instances;
    const bool may = std::count(allowed.begin(), allowed.end(), node) > 0;
    if (!may || instances > static_cast<int>(std::max<uint32_t>(1, resource.clone_node_max()))) strange.push_back(node);
    verdict.evidence.emplace_back(node, absl::StrCat(instances, " started", may ? "" : ", where the description has none"));
  }
  for (const std::string& node : allowed) {
    if (count.contains(node)) continue;
    verdict.evidence.emplace_back(node, "none started");
    verdict.hosts.push_back(node);
  }
  const std::size_t most = allowed.size() * std::max<uint32_t>(1, resource.clone_node_max());
  const std::size_t wanted = std::min<std::size_t>(InstancesWanted(resource, allowed.size()), most);
  verdict.passed = started == wanted && strange.empty() ? v1::ANSWER_YES : v1::ANSWER_NO;
  verdict.summary = absl::StrCat(started, " of ", wanted, " started");
  if (!strange.empty()) {
    absl::StrAppend(&verdict.summary, "; too many on ", absl::StrJoin(strange, ", "));
    verdict.hosts = strange;
  }
  if (verdict.passed == v1::ANSWER_YES) verdict.hosts.clear();
  return verdict;
}

std::string Trouble(const v1::InstanceFact& instance) {
  std::vector<std::string> troubles;
  if (instance.blocked()) troubles.push_back("blocked");
  if (instance.failed()) troubles.push_back("failed");
  if (instance.orphaned()) troubles.push_back("orphaned");
  if (!instance.managed()) troubles.push_back("unmanaged");
  if (instance.disabled()) troubles.push_back("disabled (target-role Stopped)");
  return absl::StrJoin(troubles, ", ");
}

Verdict Healthy(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (DcCluster(input) == nullptr) return Unknown(kNoDc);
  const std::vector<v1::InstanceFact> instances = InstancesOf(input, resource);
  if (instances.empty()) return Unknown("the cluster has no instance of it");
  Verdict verdict = Passed("none is blocked, failed, orphaned, unmanaged or disabled");
  std::set<std::string> hosts;
  std::set<std::string> troubles;
  for (const v1::InstanceFact& instance : instances) {
    const std::string trouble = Trouble(instance);
    if (trouble.empty()) continue;
    troubles.insert(trouble);
    hosts.insert(instance.nodes().begin(), instance.nodes().end());
    verdict.evidence.emplace_back(absl::StrJoin(instance.nodes(), ", "),
                                  absl::StrCat(instance.resource(), ": ", trouble));
  }
  if (troubles.empty()) return verdict;
  verdict.passed = v1::ANSWER_NO;
  verdict.summary = absl::StrCat("instances are ", absl::StrJoin(troubles, "; "));
  verdict.hosts.assign(hosts.begin(), hosts.end());
  return verdict;
}

// Left by pcs resource move or ban are cluster.leftovers' business; what apply made for nodes that the description
// leaves out is as it should be.
Verdict NotPinned(const CheckInput& input, const v1::ResourceDescription& resource) {
  Verdict verdict;
  const v1::PrimitiveFact* const found = Find(input, resource, &verdict);
  if (found == nullptr) return verdict;
  const auto is_ours = [&](const std::string& name) { return name == found->id() || name == found->clone(); };
  verdict = Passed("no constraint of an operator's names it");
  for (const v1::LocationFact& location : DcCib(input)->locations()) {
    if (!is_ours(location.resource()) || absl::StartsWith(location.id(), "cli-") ||
        absl::StartsWith(location.id(), "jettyfleet-")) {
      continue;
    }
    verdict.evidence.emplace_back(location.node(), absl::StrCat(location.id(), ", score ",
                                                                location.has_rule() ? "by a rule" : location.score()));
  }
  const v1::Inspection* const dc = InspectionOf(input, DcCluster(input)->dc());
  if (dc != nullptr) {
    for (const v1::ConstraintFact& constraint : dc->constraints()) {
      if (std::none_of(constraint.resources().begin(), constraint.resources().end(), is_ours)) continue;
      verdict.evidence.emplace_back(
          "", absl::StrCat(constraint.id(), " (", constraint.kind(), "): ", constraint.text()));
    }
  } else if (verdict.evidence.empty()) {
    return Unknown(absl::StrCat("order and colocation: ", WhyNotInspected(input, DcCluster(input)->dc())));
  }
  if (verdict.evidence.empty()) return verdict;
  verdict.passed = v1::ANSWER_NO;
  verdict.summary = absl::StrCat(verdict.evidence.size(), " of an operator's constraints may pin it or hold it back");
  return verdict;
}

}  // namespace

std::vector<Check> ResourceChecks() {
  static constexpr char kApply[] = "jettyfleet plan -f cluster.yaml, then jettyfleet apply -f cluster.yaml";
  return {
      {"resource.exists", v1::SEVERITY_FATAL, "The cluster runs the unit", "primitives of class systemd in the CIB",
       "A unit that no resource runs is started by nobody after a failure.", kApply, nullptr, Exists},
      {"resource.monitor", v1::SEVERITY_WARNING, "It is monitored as described", "the monitor operation in the CIB",
       "The interval decides how long a dead instance goes unnoticed.", kApply, nullptr, Monitor},
      {"resource.cloned", v1::SEVERITY_FATAL, "It is cloned", "the clone around the primitive in the CIB",
       "Without a clone one node serves and the others wait.", kApply, nullptr, Cloned},
      {"resource.clone-settings", v1::SEVERITY_FATAL, "clone-max and clone-node-max are as described",
       "the clone's meta attributes", "Too small a clone-max leaves nodes idle; two instances on one node fight for a port.",
       kApply, nullptr, CloneSettings},
      {"resource.clone-settings-on-clone", v1::SEVERITY_WARNING, "No clone setting stands on the primitive",
       "the primitive's meta attributes",
       "There it does nothing, and looks as if it did; pcs resource create … clone … meta puts it there.", kApply, nullptr,
       CloneSettingsOnClone},
      {"resource.instances", v1::SEVERITY_FATAL, "Instances are where they should be", "crm_mon on the DC",
       "An instance that is missing is capacity that is missing.",
       "jettyfleet check --only cluster, then pcs resource cleanup RESOURCE or pcs constraint", nullptr, Instances},
      {"resource.healthy", v1::SEVERITY_FATAL, "No instance is blocked, failed, unmanaged or disabled", "crm_mon on the DC",
       "What is unmanaged or blocked stays as it is, whatever happens.",
       "pcs resource manage RESOURCE; pcs resource enable RESOURCE; pcs resource cleanup RESOURCE", nullptr, Healthy},
      {"resource.not-pinned", v1::SEVERITY_WARNING, "No constraint pins it",
       "location, order, colocation and ticket constraints that name it or its clone",
       "An instance that waits for another resource, or avoids a node, is missing when it is needed.",
       "pcs constraint --full; pcs constraint delete ID", nullptr, NotPinned},
  };
}

}  // namespace jettyfleet
