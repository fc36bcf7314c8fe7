#include "coordinator/plan/describe_remarks.h"

#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostRemarks = 200;
constexpr std::size_t kLongestRemark = 1000;

bool Concerns(const v1::LocationFact& location, const v1::PrimitiveFact& primitive) {
  return location.resource() == primitive.id() ||
         (!primitive.clone().empty() && location.resource() == primitive.clone());
}

}  // namespace

bool IsJetty(const v1::PrimitiveFact& primitive) {
  return primitive.resource_class() == "systemd" && absl::StartsWith(primitive.type(), "jetty");
}

bool Forbids(const v1::LocationFact& location, const v1::PrimitiveFact& primitive) {
  return !location.has_rule() && location.score() == "-INFINITY" && Concerns(location, primitive);
}

void RemarkOnConstraints(const v1::CibFact& cib, std::vector<std::string>* remarks) {
  for (const v1::PrimitiveFact& primitive : cib.primitives()) {
    for (const v1::LocationFact& location : cib.locations()) {
      if (!IsJetty(primitive) || !Concerns(location, primitive) || Forbids(location, primitive)) continue;
      const std::string says =
          location.has_rule() ? "has a rule" : absl::StrCat("gives ", location.node(), " the score ", location.score());
      remarks->push_back(absl::StrCat("constraint ", location.id(), " of ", location.resource(), " ", says,
                                      ", which cannot be described; apply leaves it as it is"));
    }
  }
  remarks->push_back(
      "ordering and colocation constraints are not looked at, and apply leaves them as they are; see them with pcs "
      "constraint");
}

void RemarkOnCluster(const v1::CibFact& cib, const v1::ClusterFact& cluster, std::vector<std::string>* remarks) {
  if (cluster.maintenance_mode()) {
    remarks->push_back("the cluster is in maintenance mode, which cannot be described");
  }
  for (const v1::ClusterNodeFact& node : cluster.nodes()) {
    std::vector<std::string> states;
    if (node.standby()) states.push_back("in standby");
    if (node.maintenance()) states.push_back("in maintenance");
    if (!node.online()) states.push_back("offline");
    if (states.empty()) continue;
    remarks->push_back(
        absl::StrCat("node ", node.name(), " is ", absl::StrJoin(states, " and "), ", which cannot be described"));
  }
  std::vector<std::string> others;
  for (const v1::PrimitiveFact& primitive : cib.primitives()) {
    if (!IsJetty(primitive) && primitive.resource_class() != "stonith") others.push_back(primitive.id());
  }
  if (others.empty()) return;
  remarks->push_back(absl::StrCat("not Jetty, so not described and left alone: ", absl::StrJoin(others, ", ")));
}

std::string OneLine(std::string text) {
  if (text.size() > kLongestRemark) {
    std::size_t end = kLongestRemark;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
    text = absl::StrCat(text.substr(0, end), "...");
  }
  for (char& c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return text;
}

void TidyRemarks(std::vector<std::string>* remarks) {
  if (remarks->size() > kMostRemarks) {
    const std::size_t more = remarks->size() - kMostRemarks;
    remarks->resize(kMostRemarks);
    remarks->push_back(absl::StrCat("and ", more, " remarks more"));
  }
  for (std::string& remark : *remarks) remark = OneLine(std::move(remark));
}

}  // namespace jettyfleet
