#include "coordinator/fleet/view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {
namespace {

// The DC that this host's own view names, when that view has quorum by both sources; else empty.
absl::string_view QuorateClaim(const HostView& host) {
  if (!host.connected) return "";
  const v1::ClusterFact& fact = host.report.cluster();
  const bool quorate = fact.connected() == v1::ANSWER_YES && fact.dc_present() == v1::ANSWER_YES &&
                       fact.dc_with_quorum() == v1::ANSWER_YES && fact.quorum().quorate() == v1::ANSWER_YES;
  return quorate ? absl::string_view(fact.dc()) : "";
}

}  // namespace

std::string QuorateDc(const ClusterView& view) {
  absl::string_view dc;
  for (const auto& [name, host] : view.nodes) {
    const absl::string_view claim = QuorateClaim(host);
    if (claim.empty()) continue;
    if (!dc.empty() && dc != claim) return "";
    dc = claim;
  }
  // The claim counts only when the DC itself is heard and makes it too: actions go to its agent.
  const auto own = view.nodes.find(std::string(dc));
  if (own == view.nodes.end() || QuorateClaim(own->second) != dc) return "";
  return own->first;
}

std::string DcClaims(const ClusterView& view) {
  std::vector<std::string> claims;
  for (const auto& [name, host] : view.nodes) {
    const v1::ClusterFact& fact = host.report.cluster();
    if (!host.connected) {
      claims.push_back(absl::StrCat(name, "'s agent is not connected"));
    } else if (fact.dc_present() == v1::ANSWER_YES) {
      const bool quorum = fact.dc_with_quorum() == v1::ANSWER_YES && fact.quorum().quorate() == v1::ANSWER_YES;
      claims.push_back(absl::StrCat(name, " names ", fact.dc(), quorum ? " with quorum" : " WITHOUT quorum"));
    } else {
      claims.push_back(absl::StrCat(name, " names no DC"));
    }
  }
  return absl::StrCat("no DC with quorum can be reached (",
                      claims.empty() ? "no agent is known" : absl::StrJoin(claims, ", "),
                      "); pcs status, systemctl status jettyfleet-agent");
}

std::map<std::string, v1::LbServerFact> ServersOfNode(const ClusterView& view, const std::string& node) {
  std::map<std::string, v1::LbServerFact> servers;
  for (const auto& [name, host] : view.load_balancers) {
    for (const v1::LbServerFact& fact : host.report.lb_servers()) {
      if (fact.node() != node) continue;
      servers[absl::StrCat(name, "/", fact.backend(), "/", fact.server())] = fact;
    }
  }
  return servers;
}

}  // namespace jettyfleet
