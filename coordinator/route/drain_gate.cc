#include "coordinator/route/drain_gate.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {

absl::Status CheckDrain(const ClusterView& view, const std::string& node, absl::Time since) {
  const std::vector<RoutedServer> all = RoutedServers(view);
  std::set<std::string> nodes;
  for (const RoutedServer& server : all) nodes.insert(server.node);
  if (!nodes.contains(node)) {
    return absl::NotFoundError(absl::StrCat("no load balancer has a server of node ", node, "; they have ",
                                            nodes.empty() ? "none" : absl::StrJoin(nodes, ", ")));
  }
  for (const RoutedServer& server : RoutedServers(view, node)) {
    if (!server.SeenSince(since)) {
      return absl::FailedPreconditionError(absl::StrCat(server.Name(), " was not seen",
                                                        server.fact != nullptr && !server.fact->error().empty()
                                                            ? absl::StrCat(": ", server.fact->error())
                                                            : "; is the agent there connected?"));
    }
    const int serving = static_cast<int>(std::count_if(all.begin(), all.end(), [&](const RoutedServer& other) {
      return other.load_balancer == server.load_balancer && other.backend == server.backend && other.node != node &&
             other.SeenSince(since) && other.fact->admin_state() == v1::LbServerFact::ADMIN_STATE_READY &&
             IsUpAndChecked(*other.fact);
    }));
    const int needed = std::max(1, static_cast<int>(server.resource->min_serving()));
    if (serving < needed) {
      return absl::FailedPreconditionError(
          absl::StrCat(server.load_balancer, " would have ", serving, " other ready server", serving == 1 ? "" : "s",
                       " of ", server.resource->name(), " without ", node, ", and min_serving is ", needed));
    }
  }
  return absl::OkStatus();
}

}  // namespace jettyfleet
