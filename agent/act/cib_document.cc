#include "agent/act/cib_document.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "agent/act/fields.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

bool IsOurs(pugi::xml_node element) {
  const char* const id = element.attribute("id").value();
  return absl::StartsWith(id, kOursPrefix) && !absl::StartsWith(id, kAvoidPrefix);
}

void ReadTime(std::string text, google::protobuf::Timestamp* (v1::CibEntryFact::*mutable_time)(),
              v1::CibEntryFact* entry) {
  // Pacemaker takes a blank between date and time as well, and people write it.
  std::replace(text.begin(), text.end(), ' ', 'T');
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return;
  // Abseil also reads "infinite-future", which is no time to Pacemaker.
  if (time != absl::InfiniteFuture() && time != absl::InfinitePast()) *(entry->*mutable_time)() = ToProto(time);
}

void ReadRuleEnd(pugi::xml_node rule, v1::CibEntryFact* entry) {
  for (const pugi::xml_node date : rule.children("date_expression")) {
    if (std::string(date.attribute("operation").value()) == "lt") {
      ReadTime(date.attribute("end").value(), &v1::CibEntryFact::mutable_ends_at, entry);
    }
  }
}

v1::CibEntryFact RuleEntry(pugi::xml_node constraint) {
  v1::CibEntryFact entry;
  entry.set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
  entry.set_id(constraint.attribute("id").value());
  const pugi::xml_node rule = constraint.child("rule");
  for (const pugi::xml_node expression : rule.children("expression")) {
    if (std::string(expression.attribute("attribute").value()) == "#uname") {
      entry.set_node(expression.attribute("value").value());
    }
  }
  ReadRuleEnd(rule, &entry);
  return entry;
}

v1::CibEntryFact StandbyEntry(pugi::xml_node set) {
  v1::CibEntryFact entry;
  entry.set_kind(v1::CibEntryFact::KIND_STANDBY_SET);
  entry.set_id(set.attribute("id").value());
  entry.set_node(set.parent().attribute("uname").value());
  ReadRuleEnd(set.child("rule"), &entry);
  return entry;
}

v1::CibEntryFact LockEntry(pugi::xml_node set) {
  v1::CibEntryFact entry;
  entry.set_kind(v1::CibEntryFact::KIND_LOCK);
  entry.set_id(set.attribute("id").value());
  for (const pugi::xml_node pair : set.children("nvpair")) {
    const std::string name = pair.attribute("name").value();
    const char* const value = pair.attribute("value").value();
    if (name == "jettyfleet-holder") entry.set_holder(value);
    if (name == "jettyfleet-operation") entry.set_operation_id(value);
    if (name == "jettyfleet-ends") ReadTime(value, &v1::CibEntryFact::mutable_ends_at, &entry);
    uint64_t epoch = 0;
    if (name == "jettyfleet-epoch" && absl::SimpleAtoi(value, &epoch)) entry.set_epoch(epoch);
  }
  return entry;
}

// Pacemaker's own words for true.
bool IsTrue(std::string value) {
  absl::AsciiStrToLower(&value);
  return value == "true" || value == "on" || value == "yes" || value == "y" || value == "1";
}

std::map<std::string, std::string> MetaOf(pugi::xml_node resource) {
  std::map<std::string, std::string> meta;
  for (const pugi::xml_node set : resource.children("meta_attributes")) {
    for (const pugi::xml_node pair : set.children("nvpair")) {
      meta[pair.attribute("name").value()] = pair.attribute("value").value();
    }
  }
  return meta;
}

pugi::xml_node FindResource(pugi::xml_node resources, const std::string& id) {
  return resources.find_node([&id](pugi::xml_node node) {
    const std::string name = node.name();
    return (name == "primitive" || name == "clone" || name == "group" || name == "bundle" || name == "master") &&
           id == node.attribute("id").value();
  });
}

}  // namespace

absl::StatusOr<CibDocument> CibDocument::Parse(const std::string& xml) {
  auto document = std::make_shared<pugi::xml_document>();
  const pugi::xml_parse_result parsed = document->load_buffer(xml.data(), xml.size());
  if (!parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat("the CIB is not XML: ", parsed.description(), " at byte ", parsed.offset));
  }
  if (const pugi::xml_node inside = document->child("cib").child("configuration"); inside) {
    auto configuration = std::make_shared<pugi::xml_document>();
    configuration->append_copy(inside);
    document = std::move(configuration);
  }
  if (!document->child("configuration")) {
    return absl::InvalidArgumentError("the CIB as printed has no <configuration>");
  }
  CibDocument cib;
  cib.document_ = std::move(document);
  return cib;
}

std::vector<v1::CibEntryFact> CibDocument::Ours() const {
  std::vector<v1::CibEntryFact> ours;
  for (const pugi::xml_node constraint : Section("constraints").children("rsc_location")) {
    if (IsOurs(constraint)) ours.push_back(RuleEntry(constraint));
  }
  for (const pugi::xml_node node : Section("nodes").children("node")) {
    for (const pugi::xml_node set : node.children("instance_attributes")) {
      if (IsOurs(set)) ours.push_back(StandbyEntry(set));
    }
  }
  for (const pugi::xml_node set : Section("crm_config").children("cluster_property_set")) {
    if (set.attribute("id").value() == kLockId) ours.push_back(LockEntry(set));
  }
  return ours;
}

std::optional<v1::CibEntryFact> CibDocument::FindOurs(const std::string& id) const {
  for (v1::CibEntryFact& entry : Ours()) {
    if (entry.id() == id) return std::move(entry);
  }
  return std::nullopt;
}

std::optional<v1::CibEntryFact> CibDocument::Lock() const { return FindOurs(std::string(kLockId)); }

std::string CibDocument::NodeId(const std::string& node) const {
  return Section("nodes").find_child_by_attribute("node", "uname", node.c_str()).attribute("id").value();
}

std::string CibDocument::ForeignStandby(const std::string& node) const {
  const pugi::xml_node element = Section("nodes").find_child_by_attribute("node", "uname", node.c_str());
  for (const pugi::xml_node set : element.children("instance_attributes")) {
    if (IsOurs(set)) continue;
    const pugi::xml_node standby = set.find_child_by_attribute("nvpair", "name", "standby");
    if (IsTrue(standby.attribute("value").value())) return set.attribute("id").value();
  }
  return "";
}

bool CibDocument::HasResource(const std::string& id) const {
  return static_cast<bool>(FindResource(Section("resources"), id));
}

std::optional<CibDocument::Primitive> CibDocument::FindPrimitive(const std::string& id) const {
  const pugi::xml_node found = FindResource(Section("resources"), id);
  if (std::string(found.name()) != "primitive") return std::nullopt;
  Primitive primitive;
  const std::string provider = found.attribute("provider").value();
  primitive.agent = absl::StrCat(found.attribute("class").value(), ":", provider, provider.empty() ? "" : ":",
                                 found.attribute("type").value());
  for (const pugi::xml_node operation : found.child("operations").children("op")) {
    if (std::string(operation.attribute("name").value()) == "monitor") {
      primitive.monitor_interval = operation.attribute("interval").value();
    }
  }
  primitive.meta = MetaOf(found);
  if (std::string(found.parent().name()) != "resources") {
    primitive.parent = found.parent().attribute("id").value();
    primitive.parent_meta = MetaOf(found.parent());
  }
  return primitive;
}

bool CibDocument::RunsUnit(const std::string& unit) const {
  for (const pugi::xpath_node& found : Section("resources").select_nodes(".//primitive")) {
    const std::string resource_class = found.node().attribute("class").value();
    const absl::string_view type = found.node().attribute("type").value();
    if (resource_class == "systemd" && absl::StripSuffix(type, ".service") == unit) return true;
  }
  return false;
}

std::string CibDocument::Property(const char* name) const {
  for (const pugi::xml_node set : Section("crm_config").children("cluster_property_set")) {
    const pugi::xml_node pair = set.find_child_by_attribute("nvpair", "name", name);
    if (pair) return pair.attribute("value").value();
  }
  return "";
}

bool CibDocument::InMaintenanceMode() const { return IsTrue(Property("maintenance-mode")); }

std::string CibDocument::FencingProblem() const {
  const std::string enabled = Property("stonith-enabled");
  if (!enabled.empty() && !IsTrue(enabled)) return "fencing is off (stonith-enabled)";
  const std::string action = Property("stonith-action");
  if (!action.empty() && action != "reboot")
    return absl::StrCat("the fence action is '", action, "' and not reboot (stonith-action)");
  bool any = false;
  for (const pugi::xpath_node& found : Section("resources").select_nodes(".//primitive[@class='stonith']")) {
    any = true;
    // Either makes something else of a request to reboot.
    for (const char* name : {"pcmk_reboot_action", "action"}) {
      const pugi::xml_node pair =
          found.node().child("instance_attributes").find_child_by_attribute("nvpair", "name", name);
      const std::string value = pair.attribute("value").value();
      if (pair && value != "reboot") {
        return absl::StrCat("fence device ", found.node().attribute("id").value(), " does '", value,
                            "' instead of reboot (", name, ")");
      }
    }
  }
  return any ? "" : "the cluster has no fence device";
}

std::vector<CibDocument::Operation> CibDocument::Operations(const std::string& primitive,
                                                            const std::string& name) const {
  std::vector<Operation> operations;
  for (const pugi::xml_node operation :
       FindResource(Section("resources"), primitive).child("operations").children("op")) {
    if (operation.attribute("name").value() != name) continue;
    Operation found;
    found.interval = operation.attribute("interval").value();
    found.timeout = operation.attribute("timeout").value();
    found.on_fail = operation.attribute("on-fail").value();
    for (const pugi::xml_attribute attribute : operation.attributes()) {
      const std::string attribute_name = attribute.name();
      if (attribute_name != "id" && attribute_name != "name") {
        found.attributes.emplace_back(attribute_name, attribute.value());
      }
    }
    found.has_children = static_cast<bool>(operation.first_child());
    operations.push_back(std::move(found));
  }
  return operations;
}

std::optional<std::map<std::string, std::string>> CibDocument::Meta(const std::string& resource) const {
  const pugi::xml_node found = FindResource(Section("resources"), resource);
  if (!found) return std::nullopt;
  return MetaOf(found);
}

std::optional<CibDocument::Location> CibDocument::FindLocation(const std::string& id) const {
  const pugi::xml_node found = Section("constraints").find_child_by_attribute("rsc_location", "id", id.c_str());
  if (!found) return std::nullopt;
  return Location{found.attribute("rsc").value(), found.attribute("node").value(), found.attribute("score").value()};
}

std::string CibDocument::OtherLocation(const std::string& id, const std::string& resource,
                                       const std::string& node) const {
  for (const pugi::xml_node location : Section("constraints").children("rsc_location")) {
    if (location.attribute("rsc").value() != resource || location.attribute("node").value() != node) continue;
    if (location.attribute("id").value() != id) return location.attribute("id").value();
  }
  return "";
}

std::string CibDocument::ResourceOfRule(const std::string& id) const {
  return Section("constraints").find_child_by_attribute("rsc_location", "id", id.c_str()).attribute("rsc").value();
}

}  // namespace jettyfleet
