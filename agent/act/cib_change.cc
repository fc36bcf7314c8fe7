#include "agent/act/cib_change.h"

#include <map>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/fields.h"

namespace jettyfleet {
namespace {

using Primitive = CibDocument::Primitive;
using Operation = CibDocument::Operation;

CibChange There() { return {CibChange::State::kThere, ""}; }
CibChange Needed(std::string what) { return {CibChange::State::kNeeded, std::move(what)}; }
CibChange Impossible(std::string what) { return {CibChange::State::kImpossible, std::move(what)}; }

// The first attribute of `wanted` that `found` does not have; an empty value wants it gone.
std::string MetaDifference(const std::map<std::string, std::string>& wanted,
                           const std::map<std::string, std::string>& found, const std::string& where) {
  for (const auto& [name, value] : wanted) {
    const auto have = found.find(name);
    if (have == found.end()) {
      if (!value.empty()) return absl::StrCat(where, " has no ", name);
    } else if (have->second != value) {
      return absl::StrCat(where, " has ", name, "=", have->second, ", ",
                          value.empty() ? "which is to go" : absl::StrCat("not ", value));
    }
  }
  return "";
}

std::map<std::string, std::string> MapOf(const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& meta) {
  std::map<std::string, std::string> map;
  for (const v1::MetaAttribute& attribute : meta) map[attribute.name()] = attribute.value();
  return map;
}

struct WantedOperation {
  std::string name;
  std::optional<std::string> interval;
  std::optional<std::string> timeout;
  std::string on_fail;
};

std::string OperationDifference(const WantedOperation& wanted, const std::vector<Operation>& found) {
  const Operation none;
  const Operation& have = found.empty() ? none : found.front();
  if (wanted.interval.has_value() && have.interval != *wanted.interval) {
    return absl::StrCat("its ", wanted.name, " interval is '", have.interval, "', not ", *wanted.interval);
  }
  if (wanted.timeout.has_value() && have.timeout != *wanted.timeout) {
    return absl::StrCat("its ", wanted.name, " timeout is '", have.timeout, "', not ", *wanted.timeout);
  }
  if (!wanted.on_fail.empty() && have.on_fail != wanted.on_fail) {
    return absl::StrCat("its ", wanted.name, " on-fail is '", have.on_fail, "', not ", wanted.on_fail);
  }
  return "";
}

std::optional<std::string> TimeIf(bool given, const google::protobuf::Duration& duration) {
  if (!given) return std::nullopt;
  return SecondsText(duration);
}

std::string CreateDifference(const v1::CreateResource& act, const Primitive& found, const CibDocument& cib) {
  const std::string agent = absl::StrCat("systemd:", act.unit());
  if (found.agent != agent) return absl::StrCat("it is ", found.agent, ", not ", agent);
  for (const WantedOperation& wanted :
       {WantedOperation{"monitor", SecondsText(act.monitor_interval()),
                        TimeIf(act.has_monitor_timeout(), act.monitor_timeout()), act.on_fail()},
        WantedOperation{"start", std::nullopt, TimeIf(act.has_start_timeout(), act.start_timeout()), ""},
        WantedOperation{"stop", std::nullopt, TimeIf(act.has_stop_timeout(), act.stop_timeout()), ""}}) {
    const std::string difference = OperationDifference(wanted, cib.Operations(act.name(), wanted.name));
    if (!difference.empty()) return difference;
  }
  return MetaDifference(MapOf(act.meta()), found.meta, "it");
}

CibChange Change(const v1::CreateResource& act, const CibDocument& cib) {
  const std::optional<Primitive> found = cib.FindPrimitive(act.name());
  if (!found.has_value()) {
    return cib.HasResource(act.name()) ? Impossible(absl::StrCat("the cluster has something else named ", act.name()))
                                       : Needed(absl::StrCat(act.name(), " was not created"));
  }
  const std::string difference = CreateDifference(act, *found, cib);
  return difference.empty()
             ? There()
             : Impossible(absl::StrCat("resource ", act.name(), " exists and ", difference, "; it is left as it is"));
}

CibChange Change(const v1::CloneResource& act, const CibDocument& cib) {
  const std::optional<Primitive> found = cib.FindPrimitive(act.name());
  if (!found.has_value()) return Impossible(absl::StrCat("the cluster has no primitive resource ", act.name()));
  if (found->parent.empty()) return Needed(absl::StrCat(act.name(), " was not cloned"));
  std::map<std::string, std::string> wanted = MapOf(act.meta());
  if (act.clone_max() > 0) wanted["clone-max"] = absl::StrCat(act.clone_max());
  if (act.clone_node_max() > 0) wanted["clone-node-max"] = absl::StrCat(act.clone_node_max());
  for (const auto& [name, value] : wanted) {
    const auto misplaced = found->meta.find(name);
    const auto placed = found->parent_meta.find(name);
    if (misplaced != found->meta.end() && (placed == found->parent_meta.end() || placed->second != value)) {
      return Impossible(absl::StrCat(name, " landed on the primitive instead of ", found->parent));
    }
  }
  const std::string difference = MetaDifference(wanted, found->parent_meta, found->parent);
  return difference.empty() ? There()
                            : Impossible(absl::StrCat(act.name(), " is in ", found->parent, " already, and ",
                                                      difference, "; it is left as it is"));
}

CibChange Change(const v1::SetOperation& act, const CibDocument& cib) {
  if (!cib.FindPrimitive(act.resource()).has_value()) {
    return Impossible(absl::StrCat("the cluster has no primitive resource ", act.resource()));
  }
  const std::vector<Operation> found = cib.Operations(act.resource(), act.operation());
  if (found.size() > 1) {
    return Impossible(absl::StrCat(act.resource(), " has ", found.size(), " operations named ", act.operation(),
                                   "; remove all but one with pcs resource op remove"));
  }
  if (!found.empty() && found.front().has_children) {
    return Impossible(absl::StrCat(act.resource(), "'s ", act.operation(),
                                   " has attributes below it, such as OCF_CHECK_LEVEL, which pcs would drop; change it "
                                   "with pcs resource op by hand"));
  }
  const std::string difference = OperationDifference({act.operation(), TimeIf(act.has_interval(), act.interval()),
                                                      TimeIf(act.has_timeout(), act.timeout()), act.on_fail()},
                                                     found);
  return difference.empty() ? There() : Needed(absl::StrCat(act.resource(), ": ", difference));
}

CibChange Change(const v1::SetMeta& act, const CibDocument& cib) {
  const std::optional<std::map<std::string, std::string>> found = cib.Meta(act.target());
  if (!found.has_value()) return Impossible(absl::StrCat("the cluster has no resource ", act.target()));
  const std::string difference = MetaDifference(MapOf(act.meta()), *found, act.target());
  return difference.empty() ? There() : Needed(difference);
}

CibChange Change(const v1::AvoidNode& act, const CibDocument& cib) {
  if (!cib.HasResource(act.resource())) return Impossible(absl::StrCat("the cluster has no resource ", act.resource()));
  if (cib.NodeId(act.node()).empty()) return Impossible(absl::StrCat("the cluster has no node ", act.node()));
  const std::optional<CibDocument::Location> found = cib.FindLocation(act.id());
  if (!found.has_value()) {
    // pcs removes it without a word when it adds ours [measured on 0.11.5 and 0.12.0]; it is not ours to remove.
    const std::string other = cib.OtherLocation(act.id(), act.resource(), act.node());
    if (!other.empty()) {
      return Impossible(absl::StrCat("the constraint ", other, " is about ", act.resource(), " on ", act.node(),
                                     " already; remove one that is not wanted with pcs constraint delete"));
    }
    return Needed(absl::StrCat("there is no constraint ", act.id()));
  }
  if (found->resource == act.resource() && found->node == act.node() && found->score == "-INFINITY") return There();
  return Impossible(absl::StrCat("the constraint ", act.id(), " exists and is about ", found->resource, " on ",
                                 found->node, " with score ", found->score));
}

CibChange Change(const v1::RemoveLocation& act, const CibDocument& cib) {
  return cib.FindLocation(act.id()).has_value() ? Needed(absl::StrCat("the constraint ", act.id(), " is still there"))
                                                : There();
}

}  // namespace

CibChange ChangeFor(const v1::Action& action, const CibDocument& cib) {
  switch (action.kind_case()) {
    case v1::Action::kCreateResource:
      return Change(action.create_resource(), cib);
    case v1::Action::kCloneResource:
      return Change(action.clone_resource(), cib);
    case v1::Action::kSetOperation:
      return Change(action.set_operation(), cib);
    case v1::Action::kSetMeta:
      return Change(action.set_meta(), cib);
    case v1::Action::kAvoidNode:
      return Change(action.avoid_node(), cib);
    case v1::Action::kRemoveLocation:
      return Change(action.remove_location(), cib);
    default:
      return Needed("it leaves no trace in the CIB");
  }
}

}  // namespace jettyfleet
