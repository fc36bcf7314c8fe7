#include "agent/observe/cib_parser.h"

#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/act/cib_document.h"
#include "agent/act/fields.h"
#include "agent/observe/cib_digest.h"

namespace jettyfleet {
namespace {

void AddMeta(const pugi::xml_node& resource, google::protobuf::RepeatedPtrField<v1::MetaAttribute>* meta) {
  for (const pugi::xml_node& set : resource.children("meta_attributes")) {
    for (const pugi::xml_node& pair : set.children("nvpair")) {
      v1::MetaAttribute* const attribute = meta->Add();
      attribute->set_name(pair.attribute("name").value());
      attribute->set_value(pair.attribute("value").value());
    }
  }
}

absl::Status TooLarge() {
  return absl::ResourceExhaustedError(
      absl::StrCat("the CIB holds more than ", kLargestCibFactBytes, " bytes of resources and constraints"));
}

// Returns the bytes that the primitive takes.
std::size_t AddPrimitive(const pugi::xml_node& xml, const pugi::xml_node& clone, const std::string& group,
                         v1::CibFact* fact) {
  v1::PrimitiveFact* const primitive = fact->add_primitives();
  primitive->set_id(xml.attribute("id").value());
  primitive->set_resource_class(xml.attribute("class").value());
  primitive->set_provider(xml.attribute("provider").value());
  primitive->set_type(xml.attribute("type").value());
  AddMeta(xml, primitive->mutable_meta());
  primitive->set_group(group);
  for (const pugi::xml_node& xml_operation : xml.child("operations").children("op")) {
    v1::OperationFact* const operation = primitive->add_operations();
    operation->set_name(xml_operation.attribute("name").value());
    operation->set_interval(xml_operation.attribute("interval").value());
    operation->set_timeout(xml_operation.attribute("timeout").value());
    operation->set_on_fail(xml_operation.attribute("on-fail").value());
    operation->set_role(xml_operation.attribute("role").value());
    if (operation->name() == "monitor" && primitive->monitor_interval().empty()) {
      primitive->set_monitor_interval(operation->interval());
    }
  }
  if (clone) {
    primitive->set_clone(clone.attribute("id").value());
    AddMeta(clone, primitive->mutable_clone_meta());
  }
  if (primitive->resource_class() == "stonith") fact->add_fence_devices(primitive->id());
  return primitive->ByteSizeLong();
}

// Every primitive repeats its group's name and its clone's meta attributes, so a small CIB can make large facts:
// `bytes` counts them, and too many are not read.
void AddResources(const pugi::xml_node& parent, const pugi::xml_node& clone, const std::string& group, int depth,
                  std::size_t* bytes, v1::CibFact* fact) {
  if (depth > 8) return;
  for (const pugi::xml_node& child : parent.children()) {
    const std::string name = child.name();
    if (*bytes > kLargestCibFactBytes) return;
    if (name == "primitive") *bytes += AddPrimitive(child, clone, group, fact);
    if (name == "group") AddResources(child, clone, child.attribute("id").value(), depth + 1, bytes, fact);
    if (name == "clone") AddResources(child, child, group, depth + 1, bytes, fact);
  }
}

}  // namespace

absl::StatusOr<v1::CibFact> ParseCib(const std::string& xml) {
  pugi::xml_document document;
  if (const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size()); !parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat("cibadmin printed no XML: ", parsed.description(), " at byte ", parsed.offset));
  }
  const pugi::xml_node cib = document.child("cib");
  const pugi::xml_node configuration = cib.child("configuration");
  if (!configuration) return absl::InvalidArgumentError("cibadmin printed XML without a cib and its configuration");
  // What is ours is read where it is also acted on, so that both see the same.
  std::ostringstream text;
  configuration.print(text, "", pugi::format_raw);
  const absl::StatusOr<CibDocument> ours = CibDocument::Parse(text.str());
  if (!ours.ok()) return ours.status();
  v1::CibFact fact;
  fact.set_version(absl::StrCat(cib.attribute("admin_epoch").value(), ".", cib.attribute("epoch").value(), ".",
                                cib.attribute("num_updates").value()));
  fact.set_configuration_digest(ConfigurationDigest(configuration));
  std::size_t bytes = 0;
  AddResources(configuration.child("resources"), pugi::xml_node(), "", 0, &bytes, &fact);
  if (bytes > kLargestCibFactBytes) return TooLarge();
  for (v1::CibEntryFact& entry : ours->Ours()) *fact.add_ours() = std::move(entry);
  for (const pugi::xml_node& set : configuration.child("crm_config").children("cluster_property_set")) {
    if (absl::StartsWith(set.attribute("id").value(), "jettyfleet-")) continue;
    for (const pugi::xml_node& pair : set.children("nvpair")) {
      v1::MetaAttribute* const property = fact.add_properties();
      property->set_name(pair.attribute("name").value());
      property->set_value(pair.attribute("value").value());
    }
  }
  for (const pugi::xml_node& location : configuration.child("constraints").children("rsc_location")) {
    const std::string id = location.attribute("id").value();
    if (absl::StartsWith(id, "jettyfleet-") && !absl::StartsWith(id, kAvoidPrefix)) continue;
    v1::LocationFact* const fact_of_location = fact.add_locations();
    fact_of_location->set_id(id);
    fact_of_location->set_resource(location.attribute("rsc").value());
    fact_of_location->set_node(location.attribute("node").value());
    fact_of_location->set_score(location.attribute("score").value());
    fact_of_location->set_has_rule(static_cast<bool>(location.child("rule")));
  }
  if (fact.ByteSizeLong() > kLargestCibFactBytes) return TooLarge();
  return fact;
}

}  // namespace jettyfleet
