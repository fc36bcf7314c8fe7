#include "coordinator/plan/apply_plan.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

ApplyStep Refuse(std::string what) { return {ApplyStep::Kind::kRefuse, std::move(what), {}}; }

ApplyStep Create(const v1::ResourceDescription& wanted) {
  ApplyStep step{ApplyStep::Kind::kAct, absl::StrCat("create ", wanted.name(), " as systemd:", wanted.unit()), {}};
  v1::CreateResource* const create = step.action.mutable_create_resource();
  create->set_name(wanted.name());
  create->set_unit(wanted.unit());
  *create->mutable_monitor_interval() = wanted.monitor_interval();
  return step;
}

ApplyStep Clone(const v1::ResourceDescription& wanted, const std::string& primitive, uint32_t clone_max) {
  ApplyStep step{
      ApplyStep::Kind::kAct,
      absl::StrCat("clone ", primitive, " with clone-max=", clone_max, " clone-node-max=", wanted.clone_node_max()),
      {}};
  v1::CloneResource* const clone = step.action.mutable_clone_resource();
  clone->set_name(primitive);
  clone->set_clone_max(clone_max);
  clone->set_clone_node_max(wanted.clone_node_max());
  return step;
}

// What differs between an existing clone and the description, one phrase each.
std::vector<std::string> Differences(const v1::ResourceDescription& wanted, const v1::PrimitiveFact& found,
                                     uint32_t clone_max, uint32_t node_count) {
  std::vector<std::string> differences;
  const auto compare = [&](const char* name, uint32_t want, uint32_t unset_means) {
    const std::string text = MetaValue(found.clone_meta(), name);
    uint32_t have = unset_means;
    if (!text.empty() && !absl::SimpleAtoi(text, &have)) {
      differences.push_back(absl::StrCat(name, " of ", found.clone(), " is \"", text, "\", not a number"));
    } else if (have != want) {
      differences.push_back(absl::StrCat(name, " of ", found.clone(), " is ", have, ", described ", want));
    }
  };
  compare("clone-max", clone_max, node_count);
  compare("clone-node-max", wanted.clone_node_max(), 1);
  for (const char* const misplaced : {"clone-max", "clone-node-max"}) {
    if (!MetaValue(found.meta(), misplaced).empty()) {
      differences.push_back(
          absl::StrCat(misplaced, " stands on the primitive ", found.id(), ", where it does nothing"));
    }
  }
  const int64_t want_ms = absl::ToInt64Milliseconds(FromProto(wanted.monitor_interval()));
  if (IntervalMilliseconds(found.monitor_interval()) != want_ms) {
    differences.push_back(absl::StrCat("monitor interval of ", found.id(), " is ",
                                       found.monitor_interval().empty() ? "not set" : found.monitor_interval(),
                                       ", described ", want_ms / 1000.0, "s"));
  }
  return differences;
}

}  // namespace

std::string MetaValue(const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& attributes,
                      const std::string& name) {
  for (const v1::MetaAttribute& attribute : attributes) {
    if (attribute.name() == name) return attribute.value();
  }
  return "";
}

int64_t IntervalMilliseconds(const std::string& text) {
  static constexpr struct {
    absl::string_view unit;
    int64_t milliseconds;
  } kUnits[] = {{"ms", 1},       {"msec", 1},     {"s", 1000},      {"sec", 1000}, {"m", 60'000},
                {"min", 60'000}, {"h", 3600'000}, {"hr", 3600'000}, {"", 1000}};
  const std::size_t digits = text.find_first_not_of("0123456789");
  int64_t number = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &number) || number > 1'000'000'000) return -1;
  const std::string unit = digits == std::string::npos ? "" : text.substr(digits);
  for (const auto& known : kUnits) {
    if (unit == known.unit) return number * known.milliseconds;
  }
  return -1;
}

ApplyStep NextApplyStep(const v1::ResourceDescription& wanted, const v1::CibFact& cib, uint32_t node_count) {
  const uint32_t clone_max = wanted.clone_max() == 0 ? node_count : wanted.clone_max();
  std::vector<const v1::PrimitiveFact*> matching;
  for (const v1::PrimitiveFact& primitive : cib.primitives()) {
    if (primitive.resource_class() == "systemd" && primitive.type() == wanted.unit()) {
      matching.push_back(&primitive);
    } else if (primitive.id() == wanted.name()) {
      return Refuse(absl::StrCat("the cluster has a resource ", wanted.name(), " that is ", primitive.resource_class(),
                                 ":", primitive.type(), ", not systemd:", wanted.unit(),
                                 "; give the described resource another name"));
    }
  }
  if (matching.empty()) return Create(wanted);
  if (matching.size() > 1) {
    return Refuse(absl::StrCat(matching.size(), " resources run systemd:", wanted.unit(), " (",
                               absl::StrJoin(matching, ", ",
                                             [](std::string* out, const v1::PrimitiveFact* primitive) {
                                               absl::StrAppend(out, primitive->id());
                                             }),
                               "); remove all but one with pcs resource delete"));
  }
  const v1::PrimitiveFact& found = *matching.front();
  if (found.clone().empty()) return Clone(wanted, found.id(), clone_max);
  const std::vector<std::string> differences = Differences(wanted, found, clone_max, node_count);
  if (!differences.empty()) {
    return Refuse(absl::StrCat(absl::StrJoin(differences, "; "),
                               "; this version creates and clones, and changes nothing else about an existing "
                               "resource: change it with pcs, or the description"));
  }
  return {ApplyStep::Kind::kUnchanged, absl::StrCat(found.id(), " is cloned as ", found.clone(), ", as described"), {}};
}

}  // namespace jettyfleet
