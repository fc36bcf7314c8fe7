#include "coordinator/route/shift_gate.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostSteps = 20;
constexpr absl::Duration kShortestHold = absl::Seconds(1);
constexpr absl::Duration kLongestHold = absl::Hours(1);

absl::Status Refused(const std::string& message) { return absl::FailedPreconditionError(message); }

absl::Status CheckOrder(const ShiftOrder& order) {
  if (order.nodes.empty()) return absl::InvalidArgumentError("name the nodes to shift traffic onto");
  if (std::set<std::string>(order.nodes.begin(), order.nodes.end()).size() != order.nodes.size()) {
    return absl::InvalidArgumentError("a node is named twice");
  }
  uint32_t before = 0;
  for (const uint32_t step : order.steps) {
    if (step <= before || step > 100) return absl::InvalidArgumentError("--steps must ascend, from 1 to 100");
    before = step;
  }
  if (before != 100 || order.steps.size() > kMostSteps) {
    return absl::InvalidArgumentError(absl::StrCat("--steps must end with 100, and be at most ", kMostSteps));
  }
  if (order.hold < kShortestHold || order.hold > kLongestHold) {
    return absl::InvalidArgumentError("--hold must be 1s to 1h");
  }
  return absl::OkStatus();
}

absl::Status CheckDescription(const ClusterView& view, const v1::ResourceDescription& resource) {
  int index = 0;
  while (view.description.resources(index).name() != resource.name()) ++index;
  const std::string path = absl::StrCat("resources[", index, "]");
  if (!resource.has_parallel_safe()) {
    return Refused(absl::StrCat("key \"", path, ".parallel_safe\" is not given: somebody has to say that ",
                                resource.name(), " may run on more than one node at once; describe it, and apply"));
  }
  if (!resource.has_sessions()) {
    return Refused(absl::StrCat("key \"", path,
                                ".sessions\" is not given, so whether sessions are kept cannot be "
                                "tried; describe them, and apply"));
  }
  if (view.description.traffic().url().empty()) {
    return Refused("key \"traffic.url\" is not given, so what clients feel cannot be seen; describe it, and apply");
  }
  if (view.description.traffic().counter_pattern().empty()) {
    return Refused(
        "key \"traffic.counter_pattern\" is not given, so whether a session regresses cannot be seen; "
        "describe it, and apply");
  }
  return absl::OkStatus();
}

absl::Status CheckServer(const RoutedServer& server, const ShiftOrder& order, absl::Time since) {
  if (!server.SeenSince(since)) {
    return Refused(absl::StrCat(server.Name(), " was not seen; is the agent there connected?"));
  }
  if (server.fact->admin_state() == v1::LbServerFact::ADMIN_STATE_READY) {
    return Refused(absl::StrCat(server.Name(),
                                " is in service already, and has all of its share; jettyfleet route "
                                "drain ",
                                server.node, " first"));
  }
  if (server.Lease(kServerLease) == nullptr) {
    return Refused(
        absl::StrCat(server.Name(), " is in ", AdminWord(server.fact->admin_state()),
                     ", and no lease of ours holds it: somebody else's; jettyfleet route apply --take-over"));
  }
  if (server.fact->initial_weight() * order.steps.front() < 100) {
    return Refused(absl::StrCat(server.Name(), " has a configured weight of ", server.fact->initial_weight(),
                                ", of which ", order.steps.front(),
                                " % is none; configure 100 (jettyfleet route render haproxy)"));
  }
  return absl::OkStatus();
}

// A node outside of the order that is in service on every load balancer; empty: none.
std::string ServingNode(const ClusterView& view, const ShiftOrder& order, const std::string& resource,
                        absl::Time since) {
  std::set<std::string> candidates;
  std::set<std::string> out;
  for (const RoutedServer& server : RoutedServers(view)) {
    if (server.resource->name() != resource) continue;
    if (std::find(order.nodes.begin(), order.nodes.end(), server.node) != order.nodes.end()) continue;
    candidates.insert(server.node);
    const bool serves = server.SeenSince(since) && IsUpAndChecked(*server.fact) &&
                        server.fact->admin_state() == v1::LbServerFact::ADMIN_STATE_READY;
    if (!serves) out.insert(server.node);
  }
  for (const std::string& node : candidates) {
    if (!out.contains(node)) return node;
  }
  return "";
}

}  // namespace

absl::Status CheckShift(const ClusterView& view, const ShiftOrder& order, absl::Time since) {
  if (const absl::Status sound = CheckOrder(order); !sound.ok()) return sound;
  const v1::ResourceDescription* resource = nullptr;
  for (const std::string& node : order.nodes) {
    const std::vector<RoutedServer> servers = RoutedServers(view, node);
    if (servers.empty()) return absl::NotFoundError(absl::StrCat("no load balancer has a server of node ", node));
    for (const RoutedServer& server : servers) {
      if (resource == nullptr) resource = server.resource;
      if (resource != server.resource) {
        return Refused(absl::StrCat(node, " serves ", server.resource->name(), " and ", resource->name(),
                                    "; shifting is for one resource"));
      }
    }
  }
  if (const absl::Status described = CheckDescription(view, *resource); !described.ok()) return described;
  for (const std::string& node : order.nodes) {
    for (const RoutedServer& server : RoutedServers(view, node)) {
      if (const absl::Status may = CheckServer(server, order, since); !may.ok()) return may;
    }
  }
  if (ServingNode(view, order, resource->name(), since).empty()) {
    return Refused(absl::StrCat("no other node of ", resource->name(),
                                " is in service on every load balancer, so there is nothing to shift from"));
  }
  return absl::OkStatus();
}

bool AlternatesDirectly(const v1::SessionsDescription& sessions) {
  return sessions.affinity() == v1::SessionsDescription::AFFINITY_NONE ||
         (sessions.store() != v1::SessionsDescription::STORE_MEMORY && sessions.cache_null());
}

absl::StatusOr<WalkOrder> DirectWalk(const ClusterView& view, const ShiftOrder& order) {
  const std::vector<RoutedServer> servers = RoutedServers(view, order.nodes.front());
  if (servers.empty()) return Refused("no load balancer has a server of the node");
  const v1::ResourceDescription& resource = *servers.front().resource;
  const std::string old_node = ServingNode(view, order, resource.name(), absl::InfinitePast());
  WalkOrder walk;
  walk.traffic = view.description.traffic();
  const std::string& url = walk.traffic.url();
  const std::size_t host_at = url.find("://") + 3;
  const std::size_t path_at = std::min(url.find('/', host_at), url.size());
  for (const std::string& node : {old_node, order.nodes.front()}) {
    const auto described = view.description.addresses().find(node);
    std::string address = described == view.description.addresses().end() ? node : described->second;
    if (absl::StrContains(address, ':')) address = absl::StrCat("[", address, "]");
    walk.urls.push_back(absl::StrCat("http://", address, ":", servers.front().described_port, url.substr(path_at)));
  }
  return walk;
}

std::string WhyNotKept(const WalkAnswer& walked, bool may_move) {
  if (!walked.usable.ok()) return std::string(walked.usable.message());
  if (walked.failures > 0) {
    return absl::StrCat(walked.failures, " of ", walked.requests, " requests failed: ", walked.first_failure);
  }
  if (walked.counted < walked.requests) {
    return absl::StrCat("the counter is missing in ", walked.requests - walked.counted, " of ", walked.requests,
                        " answers");
  }
  if (walked.lost > 0) return absl::StrCat("the session was lost ", walked.lost, " times");
  if (walked.regressed > 0) return absl::StrCat("the session regressed ", walked.regressed, " times");
  if (walked.moved > 0 && !may_move)
    return absl::StrCat("the session was moved to another node ", walked.moved, " times");
  return "";
}

std::string OverspentStep(const v1::TrafficSummary& felt, uint32_t failures_before, uint32_t budget_failures,
                          bool may_move) {
  if (failures_before + felt.failures() > budget_failures) {
    return absl::StrCat(failures_before + felt.failures(), " requests failed, the budget is ", budget_failures);
  }
  if (felt.sessions_lost() > 0) return absl::StrCat(felt.sessions_lost(), " sessions were lost");
  if (felt.sessions_regressed() > 0) return absl::StrCat(felt.sessions_regressed(), " sessions regressed");
  if (felt.sessions_moved() > 0 && !may_move) {
    return absl::StrCat(felt.sessions_moved(), " sessions were moved to another node");
  }
  return "";
}

}  // namespace jettyfleet
