#include "common/description/validate.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/description/address_check.h"
#include "common/description/overrides_check.h"
#include "common/description/paths_check.h"
#include "common/description/resource_check.h"
#include "common/description/traffic_check.h"

namespace jettyfleet {
namespace {

constexpr int kMostNodes = 64;  // Pacemaker itself is used with fewer
constexpr int kMostResources = 64;
constexpr int kMostLoadBalancers = 64;
constexpr std::size_t kLongestProxyName = 63;
constexpr absl::string_view kAutoUnit = "auto";

MaybeProblem CheckProxyName(std::string path, absl::string_view name) {
  if (!name.empty() && name.size() <= kLongestProxyName && OnlyAlnumAnd("_-.:", name)) return std::nullopt;
  return ProblemAt(std::move(path), "must be 1 to 63 of letters, digits, '_', '-', '.' and ':', as HAProxy names it");
}

MaybeProblem CheckNodes(const v1::ClusterDescription& description) {
  if (description.nodes_size() > kMostNodes) {
    return ProblemAt("nodes", absl::StrCat("more than ", kMostNodes, " nodes"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < description.nodes_size(); ++i) {
    const std::string path = Item("nodes", i);
    if (MaybeProblem bad = CheckName(path, description.nodes(i))) return bad;
    if (!seen.insert(description.nodes(i)).second) {
      return ProblemAt(path, absl::StrCat(description.nodes(i), " is given twice"));
    }
  }
  return std::nullopt;
}

MaybeProblem CheckResources(const v1::ClusterDescription& description) {
  if (description.resources_size() == 0) {
    return ProblemAt("resources", "is empty; describe at least one Jetty resource");
  }
  if (description.resources_size() > kMostResources) {
    return ProblemAt("resources", absl::StrCat("more than ", kMostResources, " resources"));
  }
  std::set<std::string> names;
  std::map<std::string, std::string> units;
  std::map<uint32_t, std::string> ports;
  for (int i = 0; i < description.resources_size(); ++i) {
    const v1::ResourceDescription& resource = description.resources(i);
    const std::string path = Item("resources", i);
    if (MaybeProblem bad = CheckResource(path, resource, description.nodes_size())) return bad;
    if (!names.insert(resource.name()).second) {
      return ProblemAt(Within(path, "name"), absl::StrCat(resource.name(), " is the name of another resource too"));
    }
    const auto [unit, first_with_unit] = units.emplace(resource.unit(), resource.name());
    if (!first_with_unit) {
      return ProblemAt(Within(path, "unit"),
                       resource.unit() == kAutoUnit
                           ? absl::StrCat("auto, given for ", unit->second, " too, would find the same unit; name both")
                           : absl::StrCat(resource.unit(), " is the unit of resource ", unit->second, " too"));
    }
    for (int j = 0; j < resource.ports_size(); ++j) {
      const auto [port, first_with_port] = ports.emplace(resource.ports(j), resource.name());
      if (first_with_port) continue;
      return ProblemAt(Item(Within(path, "ports"), j),
                       absl::StrCat(resource.ports(j), " is a port of resource ", port->second,
                                    " too, and both may run on the same nodes, where only one can bind it; give each "
                                    "its own"));
    }
  }
  return CheckPathsAcross(description);
}

MaybeProblem CheckServers(const std::string& path, const v1::ClusterDescription& description,
                          const v1::LoadBalancerDescription& balancer) {
  if (balancer.servers().empty()) return ProblemAt(path, "is empty; map each node to its server in the backend");
  if (balancer.servers().size() > kMostNodes) {
    return ProblemAt(path, absl::StrCat("more than ", kMostNodes, " servers"));
  }
  std::set<std::string> seen;
  std::set<std::string> nodes;
  for (const auto& [node, server] : balancer.servers()) nodes.insert(node);
  for (const std::string& node : nodes) {
    const std::string item = Within(path, node);
    const std::string& server = balancer.servers().at(node);
    if (MaybeProblem bad = CheckName(item, node)) return bad;
    const bool known =
        description.nodes_size() == 0 ||
        std::find(description.nodes().begin(), description.nodes().end(), node) != description.nodes().end();
    if (!known) {
      return ProblemAt(item, absl::StrCat(node, " is not among the cluster's nodes; add it there or remove it here"));
    }
    if (MaybeProblem bad = CheckProxyName(item, server)) return bad;
    if (!seen.insert(server).second) return ProblemAt(item, absl::StrCat("server ", server, " is another node's too"));
  }
  for (const std::string& node : description.nodes()) {
    if (nodes.count(node) == 0) {
      return ProblemAt(path, absl::StrCat("node ", node, " has no server here, so it could not be drained; add it"));
    }
  }
  return std::nullopt;
}

MaybeProblem CheckLoadBalancers(const v1::ClusterDescription& description) {
  if (description.load_balancers_size() > kMostLoadBalancers) {
    return ProblemAt("load_balancers", absl::StrCat("more than ", kMostLoadBalancers, " load balancers"));
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < description.load_balancers_size(); ++i) {
    const v1::LoadBalancerDescription& balancer = description.load_balancers(i);
    const std::string path = Item("load_balancers", i);
    if (MaybeProblem bad = CheckName(Within(path, "host"), balancer.host())) return bad;
    const bool known = std::any_of(
        description.resources().begin(), description.resources().end(),
        [&balancer](const v1::ResourceDescription& resource) { return resource.name() == balancer.resource(); });
    if (!known) return ProblemAt(Within(path, "resource"), "names none of the resources above; give the name of one");
    if (MaybeProblem bad = CheckProxyName(Within(path, "backend"), balancer.backend())) return bad;
    if (!seen.insert({balancer.host(), balancer.backend()}).second) {
      return ProblemAt(Within(path, "backend"),
                       absl::StrCat("backend ", balancer.backend(), " of ", balancer.host(), " is described twice"));
    }
    if (MaybeProblem bad = CheckServers(Within(path, "servers"), description, balancer)) return bad;
  }
  return std::nullopt;
}

}  // namespace

MaybeProblem FindProblem(const v1::ClusterDescription& description) {
  if (MaybeProblem bad = CheckName("cluster", description.cluster())) return bad;
  if (MaybeProblem bad = CheckNodes(description)) return bad;
  if (MaybeProblem bad = CheckAddresses(description)) return bad;
  if (MaybeProblem bad = CheckResources(description)) return bad;
  if (MaybeProblem bad = CheckLoadBalancers(description)) return bad;
  if (description.has_traffic()) {
    if (MaybeProblem bad = CheckTrafficFields(description.traffic())) return bad;
  }
  return CheckOverrides(description);
}

absl::Status ValidateDescription(const v1::ClusterDescription& description) {
  const MaybeProblem problem = FindProblem(description);
  if (!problem.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("description: ", problem->path, ": ", problem->what));
}

}  // namespace jettyfleet
