#include "coordinator/plan/unit_choice.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/plan/planner.h"

namespace jettyfleet {
namespace {

constexpr absl::string_view kSuffix = ".service";

// By node, without ".service". A bare template is nothing that runs.
std::map<std::string, std::set<std::string>> UnitsByNode(const ClusterView& view, const std::set<std::string>& nodes) {
  std::map<std::string, std::set<std::string>> units;
  for (const std::string& node : nodes) {
    std::set<std::string>& found = units[node];
    const auto host = view.nodes.find(node);
    if (host == view.nodes.end()) continue;
    for (const v1::UnitFact& fact : host->second.report.units()) {
      if (fact.load_state() != "loaded" || absl::StrContains(fact.unit(), "@.")) continue;
      if (absl::EndsWith(fact.unit(), kSuffix))
        found.insert(fact.unit().substr(0, fact.unit().size() - kSuffix.size()));
    }
  }
  return units;
}

std::string WhatNodesHave(const std::map<std::string, std::set<std::string>>& units) {
  return absl::StrJoin(units, "; ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, " has ", entry.second.empty() ? "none" : absl::StrJoin(entry.second, ", "));
  });
}

}  // namespace

absl::Status ChooseUnits(const ClusterView& view, v1::ClusterDescription* description) {
  const std::set<std::string> nodes = AllowedNodes(*description, view);
  if (nodes.empty()) return absl::FailedPreconditionError(DcClaims(view));
  for (const std::string& node : nodes) {
    const auto host = view.nodes.find(node);
    if (host == view.nodes.end() || !host->second.connected) {
      return absl::FailedPreconditionError(absl::StrCat("which Jetty unit ", node,
                                                        " has is unknown: its agent is not connected; ",
                                                        "systemctl status jettyfleet-agent on ", node));
    }
  }
  const std::map<std::string, std::set<std::string>> units = UnitsByNode(view, nodes);
  for (v1::ResourceDescription& resource : *description->mutable_resources()) {
    std::set<std::string> everywhere = units.begin()->second;
    for (const auto& [node, found] : units) {
      std::erase_if(everywhere, [&found = found](const std::string& unit) { return !found.contains(unit); });
    }
    if (resource.unit() != "auto") {
      if (everywhere.contains(resource.unit())) continue;
      return absl::FailedPreconditionError(absl::StrCat("resource ", resource.name(), ": not every node has ",
                                                        resource.unit(), kSuffix, ": ", WhatNodesHave(units)));
    }
    if (everywhere.size() > 1) {
      std::set<std::string> in_use;
      for (const v1::PrimitiveFact& primitive : view.nodes.at(QuorateDc(view)).report.cib().primitives()) {
        if (primitive.resource_class() == "systemd" && everywhere.contains(primitive.type())) {
          in_use.insert(primitive.type());
        }
      }
      if (in_use.size() == 1) everywhere = in_use;
    }
    if (everywhere.size() != 1) {
      return absl::FailedPreconditionError(absl::StrCat(
          "resource ", resource.name(), ": unit: auto means the one Jetty unit that every node has, and there ",
          everywhere.empty() ? "is none: " : "is more than one: ", WhatNodesHave(units), "; name the unit"));
    }
    resource.set_unit(*everywhere.begin());
  }
  return absl::OkStatus();
}

}  // namespace jettyfleet
