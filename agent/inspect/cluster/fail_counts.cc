#include "agent/inspect/cluster/fail_counts.h"

#include <pugixml.hpp>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMaxCounts = 1000;

}  // namespace

absl::StatusOr<std::vector<v1::FailCountFact>> ParseFailCounts(const std::string& xml) {
  pugi::xml_document document;
  // pugixml expands no entities of a document type of its own, so a small input stays small.
  if (const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size()); !parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat("crm_mon printed no XML: ", parsed.description(), " at byte ", parsed.offset));
  }
  const pugi::xml_node result = document.child("pacemaker-result");
  const pugi::xml_attribute code = result.child("status").attribute("code");
  if (!code) return absl::InvalidArgumentError("crm_mon printed XML without a pacemaker-result and status");
  if (code.as_int() != 0) {
    return absl::InvalidArgumentError(absl::StrCat("crm_mon: ", result.child("status").attribute("message").value()));
  }
  std::vector<v1::FailCountFact> facts;
  for (const pugi::xml_node& node : result.child("node_history").children("node")) {
    for (const pugi::xml_node& history : node.children("resource_history")) {
      const std::string count = history.attribute("fail-count").value();
      if (count.empty() || count == "0" || facts.size() >= kMaxCounts) continue;
      v1::FailCountFact fact;
      fact.set_resource(history.attribute("id").value());
      fact.set_node(node.attribute("name").value());
      fact.set_count(count);
      fact.set_last_failure(history.attribute("last-failure").value());
      facts.push_back(fact);
    }
  }
  return facts;
}

}  // namespace jettyfleet
