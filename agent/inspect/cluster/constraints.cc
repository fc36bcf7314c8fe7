#include "agent/inspect/cluster/constraints.h"

#include <algorithm>
#include <pugixml.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxConstraints = 1000;
constexpr int kMaxResources = 256;

void AddResource(absl::string_view resource, v1::ConstraintFact* fact) {
  const auto& known = fact->resources();
  if (resource.empty() || known.size() >= kMaxResources) return;
  if (std::find(known.begin(), known.end(), resource) == known.end()) fact->add_resources(std::string(resource));
}

std::string Value(const pugi::xml_node& element, const char* name, absl::string_view otherwise = "") {
  const std::string value = element.attribute(name).value();
  return value.empty() ? std::string(otherwise) : value;
}

// "{A, B} {C}"; the resources go into `fact`.
std::string Sets(const pugi::xml_node& constraint, v1::ConstraintFact* fact) {
  std::string text;
  for (const pugi::xml_node& set : constraint.children("resource_set")) {
    std::vector<std::string> names;
    for (const pugi::xml_node& reference : set.children("resource_ref")) {
      names.push_back(Value(reference, "id"));
      AddResource(names.back(), fact);
    }
    const std::string action = Value(set, "action"), role = Value(set, "role");
    absl::StrAppend(&text, text.empty() ? "" : " ", action, action.empty() ? "" : " ", "{", absl::StrJoin(names, ", "),
                    "}", role.empty() ? "" : " as ", role);
  }
  return text;
}

std::string OrderText(const pugi::xml_node& order, v1::ConstraintFact* fact) {
  const std::string kind = Value(order, "kind", Value(order, "score", "Mandatory"));
  const std::string symmetric = Value(order, "symmetrical", "true") == "false" ? ", not symmetrical" : "";
  if (order.child("resource_set")) return absl::StrCat(Sets(order, fact), " in this order (", kind, symmetric, ")");
  const std::string first = Value(order, "first"), then = Value(order, "then");
  AddResource(first, fact);
  AddResource(then, fact);
  const std::string first_action = Value(order, "first-action", "start");
  return absl::StrCat(first_action, " ", first, " then ", Value(order, "then-action", first_action), " ", then, " (",
                      kind, symmetric, ")");
}

std::string ColocationText(const pugi::xml_node& colocation, v1::ConstraintFact* fact) {
  const std::string score = Value(colocation, "score", Value(colocation, "score-attribute", "0"));
  if (colocation.child("resource_set")) return absl::StrCat(Sets(colocation, fact), " together (score ", score, ")");
  const std::string resource = Value(colocation, "rsc"), with = Value(colocation, "with-rsc");
  AddResource(resource, fact);
  AddResource(with, fact);
  const std::string role = Value(colocation, "rsc-role"), with_role = Value(colocation, "with-rsc-role");
  return absl::StrCat(resource, role.empty() ? "" : " as ", role, " with ", with, with_role.empty() ? "" : " as ",
                      with_role, " (score ", score, ")");
}

std::string TicketText(const pugi::xml_node& ticket, v1::ConstraintFact* fact) {
  const std::string loss = Value(ticket, "loss-policy", "stop");
  std::string resources = Sets(ticket, fact);
  if (resources.empty()) {
    resources = Value(ticket, "rsc");
    AddResource(resources, fact);
    if (const std::string role = Value(ticket, "rsc-role"); !role.empty()) absl::StrAppend(&resources, " as ", role);
  }
  return absl::StrCat(resources, " needs ticket ", Value(ticket, "ticket"), " (when lost: ", loss, ")");
}

}  // namespace

absl::StatusOr<std::vector<v1::ConstraintFact>> ParseConstraints(const std::string& xml) {
  pugi::xml_document document;
  if (const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size()); !parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat("cibadmin printed no XML: ", parsed.description(), " at byte ", parsed.offset));
  }
  const pugi::xml_node configuration = document.child("cib").child("configuration");
  if (!configuration) return absl::InvalidArgumentError("cibadmin printed XML without a cib and its configuration");
  std::vector<v1::ConstraintFact> facts;
  for (const pugi::xml_node& constraint : configuration.child("constraints").children()) {
    if (facts.size() >= kMaxConstraints) break;
    v1::ConstraintFact fact;
    fact.set_id(constraint.attribute("id").value());
    fact.set_kind(constraint.name());
    if (fact.kind() == "rsc_order") {
      fact.set_text(OrderText(constraint, &fact));
    } else if (fact.kind() == "rsc_colocation") {
      fact.set_text(ColocationText(constraint, &fact));
    } else if (fact.kind() == "rsc_ticket") {
      fact.set_text(TicketText(constraint, &fact));
    } else {
      continue;
    }
    facts.push_back(fact);
  }
  return facts;
}

}  // namespace jettyfleet
