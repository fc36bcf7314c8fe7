#include "coordinator/plan/resource_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/plan/cib_values.h"
#include "coordinator/plan/operation_plan.h"
#include "coordinator/plan/placement_plan.h"

namespace jettyfleet {
namespace {

void AddMeta(MetaAttributes* attributes, const std::string& name, const std::string& value) {
  v1::MetaAttribute* const attribute = attributes->Add();
  attribute->set_name(name);
  attribute->set_value(value);
}

const char* BoolText(v1::Answer answer) { return answer == v1::ANSWER_YES ? "true" : "false"; }

std::string TimeText(const google::protobuf::Duration& duration) {
  return IntervalText(absl::ToInt64Milliseconds(FromProto(duration)));
}

// What the description says about the primitive's meta attributes, by name.
std::map<std::string, std::string> WantedPrimitiveMeta(const v1::ResourceDescription& wanted) {
  std::map<std::string, std::string> meta;
  if (wanted.migration_threshold() > 0) meta["migration-threshold"] = absl::StrCat(wanted.migration_threshold());
  if (wanted.has_failure_timeout()) meta["failure-timeout"] = TimeText(wanted.failure_timeout());
  return meta;
}

// Returns the primitive as the step makes it.
v1::PrimitiveFact AddCreate(const v1::ResourceDescription& wanted, const ResourceSituation& situation, Plan* plan) {
  PlanStep step;
  step.what = absl::StrCat("create ", wanted.name(), " as systemd:", wanted.unit());
  step.found = absl::StrCat("no resource runs systemd:", wanted.unit());
  v1::CreateResource* const create = step.action.mutable_create_resource();
  create->set_name(wanted.name());
  create->set_unit(wanted.unit());
  *create->mutable_monitor_interval() = wanted.monitor_interval();
  if (wanted.has_monitor_timeout()) *create->mutable_monitor_timeout() = wanted.monitor_timeout();
  if (wanted.has_start_timeout()) *create->mutable_start_timeout() = wanted.start_timeout();
  if (wanted.has_stop_timeout()) *create->mutable_stop_timeout() = wanted.stop_timeout();
  create->set_on_fail(wanted.on_fail());
  for (const auto& [name, value] : WantedPrimitiveMeta(wanted)) AddMeta(create->mutable_meta(), name, value);
  if (!situation.active_outside.empty()) {
    // A primitive found active on several nodes is stopped on all of them; unmanaged it is only looked at.
    absl::StrAppend(&step.what, ", unmanaged");
    absl::StrAppend(&step.found, ", and it is active on ", absl::StrJoin(situation.active_outside, ", "));
    AddMeta(create->mutable_meta(), "is-managed", "false");
  } else if (situation.nodes.size() < static_cast<std::size_t>(situation.cluster.nodes_size())) {
    absl::StrAppend(&step.what, ", stopped");
    AddMeta(create->mutable_meta(), "target-role", "Stopped");
  }
  v1::PrimitiveFact created;
  created.set_id(wanted.name());
  *created.mutable_meta() = create->meta();
  plan->steps.push_back(std::move(step));
  return created;
}

void AddClone(const v1::ResourceDescription& wanted, const std::string& primitive, std::size_t allowed_nodes,
              Plan* plan) {
  PlanStep step;
  v1::CloneResource* const clone = step.action.mutable_clone_resource();
  clone->set_name(primitive);
  clone->set_clone_max(InstancesWanted(wanted, allowed_nodes));
  clone->set_clone_node_max(wanted.clone_node_max());
  if (wanted.interleave() != v1::ANSWER_UNSPECIFIED)
    AddMeta(clone->mutable_meta(), "interleave", BoolText(wanted.interleave()));
  if (wanted.ordered() != v1::ANSWER_UNSPECIFIED) AddMeta(clone->mutable_meta(), "ordered", BoolText(wanted.ordered()));
  step.what = absl::StrCat("clone ", primitive, " with clone-max=", clone->clone_max(),
                           " clone-node-max=", clone->clone_node_max());
  for (const v1::MetaAttribute& meta : clone->meta()) absl::StrAppend(&step.what, " ", meta.name(), "=", meta.value());
  step.found = absl::StrCat(primitive, " is not cloned");
  plan->steps.push_back(std::move(step));
}

// Sets (or, with empty values, removes) attributes of `target` in one step.
void AddSetMeta(const std::string& target, const std::string& found,
                const std::vector<std::pair<std::string, std::string>>& values, Plan* plan) {
  PlanStep step;
  step.action.mutable_set_meta()->set_target(target);
  std::vector<std::string> set;
  std::vector<std::string> removed;
  for (const auto& [name, value] : values) {
    AddMeta(step.action.mutable_set_meta()->mutable_meta(), name, value);
    if (value.empty()) {
      removed.push_back(name);
    } else {
      set.push_back(absl::StrCat(name, "=", value));
    }
  }
  std::vector<std::string> parts;
  if (!set.empty()) parts.push_back(absl::StrCat("set ", absl::StrJoin(set, " "), " on ", target));
  if (!removed.empty()) parts.push_back(absl::StrCat("remove ", absl::StrJoin(removed, " "), " from ", target));
  step.what = absl::StrJoin(parts, ", ");
  step.found = found;
  plan->steps.push_back(std::move(step));
}

// clone-max and clone-node-max do nothing on a primitive, but look as if they did.
void PlanMisplaced(const v1::PrimitiveFact& found, Plan* plan) {
  std::vector<std::pair<std::string, std::string>> removals;
  std::vector<std::string> phrases;
  for (const char* const name : {"clone-max", "clone-node-max", "interleave", "ordered"}) {
    const std::string value = MetaValue(found.meta(), name);
    if (value.empty()) continue;
    removals.emplace_back(name, "");
    phrases.push_back(absl::StrCat(name, "=", value));
  }
  if (removals.empty()) return;
  AddSetMeta(
      found.id(),
      absl::StrCat(absl::StrJoin(phrases, ", "), " stands on the primitive ", found.id(), ", where it does nothing"),
      removals, plan);
}

void PlanPrimitiveMeta(const v1::ResourceDescription& wanted, const v1::PrimitiveFact& found, Plan* plan) {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> phrases;
  for (const auto& [name, value] : WantedPrimitiveMeta(wanted)) {
    const std::string have = MetaValue(found.meta(), name);
    const bool same =
        have == value || (name == "failure-timeout" && IntervalMilliseconds(have) == IntervalMilliseconds(value));
    if (same) continue;
    values.emplace_back(name, value);
    phrases.push_back(have.empty() ? absl::StrCat(name, " is not set") : absl::StrCat(name, " is ", have));
  }
  if (!values.empty()) AddSetMeta(found.id(), absl::StrJoin(phrases, ", "), values, plan);
}

void PlanCloneMeta(const v1::ResourceDescription& wanted, const v1::PrimitiveFact& found, std::size_t allowed_nodes,
                   std::size_t all_nodes, Plan* plan) {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> phrases;
  const auto differs = [&](const std::string& name, const std::string& have, const std::string& want) {
    values.emplace_back(name, want);
    phrases.push_back(have.empty() ? absl::StrCat(name, " is not set") : absl::StrCat(name, " is ", have));
  };
  const auto compare = [&](const std::string& name, uint32_t want, std::size_t unset_means) {
    const std::string have = MetaValue(found.clone_meta(), name);
    uint32_t number = static_cast<uint32_t>(unset_means);
    if ((have.empty() || absl::SimpleAtoi(have, &number)) && number == want) return;
    // Where the description leaves the number open, more than there are nodes for is as many as there are nodes.
    if (name == "clone-max" && wanted.clone_max() == 0 && number > want) return;
    // One instance fewer at a time, so that no step stops more than one.
    if (name == "clone-max" && number > want + 1 && number <= all_nodes) want = number - 1;
    differs(name, have, absl::StrCat(want));
  };
  compare("clone-max", InstancesWanted(wanted, allowed_nodes), all_nodes);
  compare("clone-node-max", wanted.clone_node_max(), 1);
  for (const auto& [name, answer] : {std::pair<std::string, v1::Answer>("interleave", wanted.interleave()),
                                     std::pair<std::string, v1::Answer>("ordered", wanted.ordered())}) {
    if (answer == v1::ANSWER_UNSPECIFIED) continue;
    const std::string have = MetaValue(found.clone_meta(), name);
    if (IsTrue(have) != (answer == v1::ANSWER_YES)) differs(name, have, BoolText(answer));
  }
  if (!values.empty()) AddSetMeta(found.clone(), absl::StrJoin(phrases, ", "), values, plan);
}

// A disabled or unmanaged resource. Last, when all else is as it shall be.
void PlanSwitches(const v1::PrimitiveFact& found, Plan* plan) {
  const auto on = [plan](const std::string& target, const MetaAttributes& meta) {
    if (MetaValue(meta, "target-role") == "Stopped") {
      AddSetMeta(target, absl::StrCat(target, " is disabled"), {{"target-role", ""}}, plan);
    }
    const std::string managed = MetaValue(meta, "is-managed");
    if (!managed.empty() && !IsTrue(managed)) {
      AddSetMeta(target, absl::StrCat(target, " is not managed"), {{"is-managed", ""}}, plan);
    }
  };
  on(found.id(), found.meta());
  if (!found.clone().empty()) on(found.clone(), found.clone_meta());
}

// Attributes of which the description knows nothing.
void RemarkOnRest(const v1::PrimitiveFact& found, Plan* plan) {
  static const std::set<std::string> kKnown = {"clone-max",  "clone-node-max",      "interleave",      "ordered",
                                               "is-managed", "migration-threshold", "failure-timeout", "target-role"};
  const auto remark = [plan](const std::string& target, const MetaAttributes& meta) {
    for (const v1::MetaAttribute& attribute : meta) {
      if (kKnown.contains(attribute.name())) continue;
      plan->remarks.push_back(absl::StrCat(target, " has ", attribute.name(), "=", attribute.value(),
                                           ", of which the description says nothing; left as it is"));
    }
  };
  remark(found.id(), found.meta());
  remark(found.clone(), found.clone_meta());
}

}  // namespace

uint32_t InstancesWanted(const v1::ResourceDescription& wanted, std::size_t allowed_nodes) {
  return wanted.clone_max() == 0 ? static_cast<uint32_t>(allowed_nodes) : wanted.clone_max();
}

const v1::PrimitiveFact* FindResource(const v1::ResourceDescription& wanted, const v1::CibFact& cib) {
  for (const v1::PrimitiveFact& primitive : cib.primitives()) {
    if (primitive.resource_class() == "systemd" && primitive.type() == wanted.unit()) return &primitive;
  }
  return nullptr;
}

void PlanResource(const v1::ResourceDescription& wanted, const ResourceSituation& situation, Plan* plan) {
  std::vector<std::string> matching;
  for (const v1::PrimitiveFact& primitive : situation.cib.primitives()) {
    if (primitive.resource_class() == "systemd" && primitive.type() == wanted.unit()) {
      matching.push_back(primitive.id());
    } else if (primitive.id() == wanted.name()) {
      plan->refused =
          absl::StrCat("the cluster has a resource ", wanted.name(), " that is ", primitive.resource_class(), ":",
                       primitive.type(), ", not systemd:", wanted.unit(), "; give the described resource another name");
      return;
    }
  }
  if (matching.size() > 1) {
    plan->refused = absl::StrCat(matching.size(), " resources run systemd:", wanted.unit(), " (",
                                 absl::StrJoin(matching, ", "), "); remove all but one with pcs resource delete");
    return;
  }
  const v1::PrimitiveFact* const found = FindResource(wanted, situation.cib);
  PlanOrphans(wanted, found, situation.cluster, plan);
  if (found == nullptr) {
    const v1::PrimitiveFact created = AddCreate(wanted, situation, plan);
    AddClone(wanted, wanted.name(), situation.nodes.size(), plan);
    PlanPlacement(absl::StrCat(wanted.name(), "-clone"), situation, {}, plan);
    // What was created stopped or unmanaged is let go once it is in its place.
    return PlanSwitches(created, plan);
  }
  if (!found->group().empty()) {
    plan->refused = absl::StrCat("resource ", found->id(), " is in the group ", found->group(),
                                 "; take it out with pcs resource group remove ", found->group(), " ", found->id());
    return;
  }
  PlanMisplaced(*found, plan);
  if (!PlanOperations(wanted, *found, plan)) return;
  PlanPrimitiveMeta(wanted, *found, plan);
  if (found->clone().empty()) {
    AddClone(wanted, found->id(), situation.nodes.size(), plan);
    PlanPlacement(absl::StrCat(found->id(), "-clone"), situation, {found->id()}, plan);
  } else {
    PlanCloneMeta(wanted, *found, situation.nodes.size(), situation.cluster.nodes_size(), plan);
    PlanPlacement(found->clone(), situation, {found->id(), found->clone()}, plan);
  }
  PlanSwitches(*found, plan);
  PlanFailures(*found, situation.cluster, plan);
  RemarkOnRest(*found, plan);
}

}  // namespace jettyfleet
