#include "common/description/validate.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/identity.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Problem = std::optional<DescriptionProblem>;

constexpr int kMostNodes = 64;  // Pacemaker itself is used with fewer
constexpr int kMostResources = 64;
constexpr int kMostLoadBalancers = 64;
constexpr int kMostPorts = 16;
constexpr uint32_t kMostInstances = 1024;
constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestUnit = 200;
constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kLongestPattern = 256;
constexpr absl::string_view kOurPrefix = "jettyfleet-";

Problem At(std::string path, std::string what) { return DescriptionProblem{std::move(path), std::move(what)}; }

std::string Within(const std::string& path, absl::string_view key) { return absl::StrCat(path, ".", key); }

bool OnlyOf(absl::string_view text, absl::string_view others) {
  return std::all_of(text.begin(), text.end(),
                     [others](char c) { return absl::ascii_isalnum(c) || absl::StrContains(others, c); });
}

bool Printable(absl::string_view text) { return std::all_of(text.begin(), text.end(), absl::ascii_isgraph); }

Problem CheckName(const std::string& path, absl::string_view name) {
  const absl::Status status = CheckIdentityName("name", name);
  if (status.ok()) return std::nullopt;
  return At(path, std::string(status.message()));
}

Problem CheckRange(std::string path, uint64_t value, uint64_t least, uint64_t most) {
  if (value >= least && value <= most) return std::nullopt;
  return At(std::move(path), absl::StrCat(value, " is out of range; give ", least, " to ", most));
}

Problem CheckDuration(std::string path, const google::protobuf::Duration& duration, absl::Duration least,
                      absl::Duration most) {
  const absl::Duration value = FromProto(duration);
  if (value >= least && value <= most) return std::nullopt;
  return At(std::move(path), absl::StrCat(absl::FormatDuration(value), " is out of range; give ",
                                          absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
}

// An id in the CIB, which is an XML name.
Problem CheckResourceName(const std::string& path, absl::string_view name) {
  const bool good = !name.empty() && name.size() <= kLongestName && OnlyOf(name, "_-.") &&
                    (absl::ascii_isalpha(name[0]) || name[0] == '_');
  if (!good) {
    return At(path, "must be 1 to 63 of letters, digits, '_', '-' and '.', beginning with a letter or '_'");
  }
  if (absl::StartsWith(name, kOurPrefix))
    return At(path, "must not begin with jettyfleet-, which marks our own entries");
  return std::nullopt;
}

Problem CheckUnit(const std::string& path, absl::string_view unit) {
  if (absl::EndsWith(unit, ".service")) return At(path, "must be given without .service; remove it");
  const bool good = !unit.empty() && unit.size() <= kLongestUnit && OnlyOf(unit, ":_.@-") &&
                    absl::ascii_isalnum(unit[0]) && !absl::EndsWith(unit, "@");
  if (good) return std::nullopt;
  return At(path, "must be the name of a systemd service such as jetty9 or jetty@blue");
}

Problem CheckProxyName(std::string path, absl::string_view name) {
  if (!name.empty() && name.size() <= kLongestName && OnlyOf(name, "_-.:")) return std::nullopt;
  return At(std::move(path), "must be 1 to 63 of letters, digits, '_', '-', '.' and ':', as HAProxy names it");
}

Problem CheckPath(std::string path, absl::string_view value) {
  if (absl::StartsWith(value, "/") && value.size() <= kLongestText && Printable(value)) return std::nullopt;
  return At(std::move(path), "must begin with '/' and hold no spaces");
}

Problem CheckHealth(const std::string& path, const v1::ResourceDescription& resource) {
  const v1::HealthDescription& health = resource.health();
  if (!resource.has_health()) return At(path, "is missing; say how to see over HTTP that an instance is well");
  if (Problem bad = CheckRange(Within(path, "port"), health.port(), 1, 65535)) return bad;
  if (std::find(resource.ports().begin(), resource.ports().end(), health.port()) == resource.ports().end()) {
    return At(Within(path, "port"), absl::StrCat(health.port(), " is not among the resource's ports; add it there"));
  }
  if (Problem bad = CheckPath(Within(path, "path"), health.path())) return bad;
  if (Problem bad = CheckRange(Within(path, "status"), health.status(), 100, 599)) return bad;
  return CheckDuration(Within(path, "timeout"), health.timeout(), absl::Milliseconds(10), absl::Minutes(1));
}

Problem CheckPorts(const std::string& path, const v1::ResourceDescription& resource) {
  if (resource.ports_size() == 0) return At(path, "is empty; name the ports that the unit binds");
  if (resource.ports_size() > kMostPorts) return At(path, absl::StrCat("more than ", kMostPorts, " ports"));
  std::set<uint32_t> seen;
  for (int i = 0; i < resource.ports_size(); ++i) {
    const std::string item = absl::StrCat(path, "[", i, "]");
    if (Problem bad = CheckRange(item, resource.ports(i), 1, 65535)) return bad;
    if (!seen.insert(resource.ports(i)).second) return At(item, absl::StrCat(resource.ports(i), " is given twice"));
  }
  return std::nullopt;
}

Problem CheckInstances(const std::string& path, const v1::ClusterDescription& description,
                       const v1::ResourceDescription& resource) {
  const std::string clone = Within(path, "clone");
  if (Problem bad = CheckRange(Within(clone, "max"), resource.clone_max(), 0, kMostInstances)) return bad;
  if (resource.clone_node_max() != 1) {
    return At(Within(clone, "node_max"),
              absl::StrCat(resource.clone_node_max(),
                           " instances on one node would need the same port twice; give 1, or a resource of its own"));
  }
  const uint32_t nodes = static_cast<uint32_t>(description.nodes_size());
  if (nodes > 0 && resource.clone_max() > nodes) {
    return At(Within(clone, "max"), absl::StrCat(resource.clone_max(), " instances do not fit on ", nodes, " nodes"));
  }
  const uint32_t instances = resource.clone_max() > 0 ? resource.clone_max() : nodes;
  if (instances > 0 && resource.min_serving() >= instances) {
    return At(Within(path, "min_serving"),
              absl::StrCat(resource.min_serving(), " others cannot serve while one of ", instances,
                           " instances is out; give ", instances - 1, " or less"));
  }
  return CheckRange(Within(path, "min_serving"), resource.min_serving(), 0, kMostInstances);
}

Problem CheckResource(const std::string& path, const v1::ClusterDescription& description,
                      const v1::ResourceDescription& resource) {
  if (Problem bad = CheckResourceName(Within(path, "name"), resource.name())) return bad;
  if (Problem bad = CheckUnit(Within(path, "unit"), resource.unit())) return bad;
  if (Problem bad = CheckDuration(Within(path, "monitor_interval"), resource.monitor_interval(), absl::Seconds(1),
                                  absl::Hours(1))) {
    return bad;
  }
  if (FromProto(resource.monitor_interval()) % absl::Seconds(1) != absl::ZeroDuration()) {
    return At(Within(path, "monitor_interval"), "must be whole seconds");
  }
  if (Problem bad = CheckPorts(Within(path, "ports"), resource)) return bad;
  if (Problem bad = CheckHealth(Within(path, "health"), resource)) return bad;
  return CheckInstances(path, description, resource);
}

Problem CheckNodes(const v1::ClusterDescription& description) {
  if (description.nodes_size() > kMostNodes) return At("nodes", absl::StrCat("more than ", kMostNodes, " nodes"));
  std::set<std::string> seen;
  for (int i = 0; i < description.nodes_size(); ++i) {
    const std::string path = absl::StrCat("nodes[", i, "]");
    if (Problem bad = CheckName(path, description.nodes(i))) return bad;
    if (!seen.insert(description.nodes(i)).second)
      return At(path, absl::StrCat(description.nodes(i), " is given twice"));
  }
  return std::nullopt;
}

Problem CheckResources(const v1::ClusterDescription& description) {
  if (description.resources_size() == 0) return At("resources", "is empty; describe at least one Jetty resource");
  if (description.resources_size() > kMostResources) {
    return At("resources", absl::StrCat("more than ", kMostResources, " resources"));
  }
  std::set<std::string> names;
  std::set<std::string> units;
  std::set<uint32_t> ports;
  for (int i = 0; i < description.resources_size(); ++i) {
    const v1::ResourceDescription& resource = description.resources(i);
    const std::string path = absl::StrCat("resources[", i, "]");
    if (Problem bad = CheckResource(path, description, resource)) return bad;
    if (!names.insert(resource.name()).second) {
      return At(Within(path, "name"), absl::StrCat(resource.name(), " is the name of another resource too"));
    }
    if (!units.insert(resource.unit()).second) {
      return At(Within(path, "unit"), absl::StrCat(resource.unit(), " is the unit of another resource too"));
    }
    for (const uint32_t port : resource.ports()) {
      if (!ports.insert(port).second) {
        return At(Within(path, "ports"), absl::StrCat(port, " is a port of another resource too"));
      }
    }
  }
  return std::nullopt;
}

Problem CheckServers(const std::string& path, const v1::ClusterDescription& description,
                     const v1::LoadBalancerDescription& balancer) {
  if (balancer.servers().empty()) return At(path, "is empty; map each node to its server in the backend");
  if (balancer.servers().size() > kMostNodes) return At(path, absl::StrCat("more than ", kMostNodes, " servers"));
  std::set<std::string> seen;
  std::set<std::string> nodes;
  for (const auto& [node, server] : balancer.servers()) nodes.insert(node);
  for (const std::string& node : nodes) {
    const std::string item = Within(path, node);
    const std::string& server = balancer.servers().at(node);
    if (Problem bad = CheckName(item, node)) return bad;
    const bool known =
        description.nodes_size() == 0 ||
        std::find(description.nodes().begin(), description.nodes().end(), node) != description.nodes().end();
    if (!known)
      return At(item, absl::StrCat(node, " is not among the cluster's nodes; add it there or remove it here"));
    if (Problem bad = CheckProxyName(item, server)) return bad;
    if (!seen.insert(server).second) return At(item, absl::StrCat("server ", server, " is another node's too"));
  }
  for (const std::string& node : description.nodes()) {
    if (nodes.count(node) == 0) {
      return At(path, absl::StrCat("node ", node, " has no server here, so it could not be drained; add it"));
    }
  }
  return std::nullopt;
}

Problem CheckLoadBalancers(const v1::ClusterDescription& description) {
  if (description.load_balancers_size() > kMostLoadBalancers) {
    return At("load_balancers", absl::StrCat("more than ", kMostLoadBalancers, " load balancers"));
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < description.load_balancers_size(); ++i) {
    const v1::LoadBalancerDescription& balancer = description.load_balancers(i);
    const std::string path = absl::StrCat("load_balancers[", i, "]");
    if (Problem bad = CheckName(Within(path, "host"), balancer.host())) return bad;
    const bool known = std::any_of(
        description.resources().begin(), description.resources().end(),
        [&balancer](const v1::ResourceDescription& resource) { return resource.name() == balancer.resource(); });
    if (!known) return At(Within(path, "resource"), "names none of the resources above; give the name of one");
    if (Problem bad = CheckProxyName(Within(path, "backend"), balancer.backend())) return bad;
    if (!seen.insert({balancer.host(), balancer.backend()}).second) {
      return At(Within(path, "backend"),
                absl::StrCat("backend ", balancer.backend(), " of ", balancer.host(), " is described twice"));
    }
    if (Problem bad = CheckServers(Within(path, "servers"), description, balancer)) return bad;
  }
  return std::nullopt;
}

Problem CheckUrl(const std::string& path, absl::string_view url) {
  const Problem bad = At(path, "must be http://HOST[:PORT]/PATH of the load balancer, without user and fragment");
  absl::string_view rest = url;
  if (url.size() > kLongestText || !Printable(url) || !absl::ConsumePrefix(&rest, "http://")) return bad;
  const std::size_t slash = rest.find('/');
  if (slash == absl::string_view::npos || absl::StrContains(rest, '#')) return bad;
  absl::string_view host = rest.substr(0, slash);
  const std::size_t colon = host.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(host, "]")) {
    uint32_t port = 0;
    if (!absl::SimpleAtoi(host.substr(colon + 1), &port) || port < 1 || port > 65535) return bad;
    host = host.substr(0, colon);
  }
  const bool bracketed = absl::ConsumePrefix(&host, "[");
  if (bracketed && !absl::ConsumeSuffix(&host, "]")) return bad;
  if (host.empty() || !OnlyOf(host, bracketed ? ":." : "-.")) return bad;
  return std::nullopt;
}

Problem CheckPattern(std::string path, const std::string& pattern) {
  if (pattern.empty()) return std::nullopt;
  if (pattern.size() > kLongestPattern)
    return At(std::move(path), absl::StrCat("longer than ", kLongestPattern, " bytes"));
  // The traffic probe's own engine and options: what passes here can be used there.
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const RE2 compiled(pattern, options);
  if (!compiled.ok()) return At(std::move(path), absl::StrCat("is not a regular expression (RE2): ", compiled.error()));
  if (compiled.NumberOfCapturingGroups() == 1) return std::nullopt;
  return At(std::move(path), "must have exactly one group ( ) around what is looked for");
}

Problem CheckTraffic(const v1::ClusterDescription& description) {
  if (!description.has_traffic()) return std::nullopt;
  const v1::TrafficDescription& traffic = description.traffic();
  if (Problem bad = CheckUrl("traffic.url", traffic.url())) return bad;
  if (Problem bad = CheckRange("traffic.requests_per_second", traffic.requests_per_second(), 1, 5000)) return bad;
  if (Problem bad = CheckRange("traffic.virtual_users", traffic.virtual_users(), 1, 1000)) return bad;
  if (Problem bad = CheckDuration("traffic.timeout", traffic.timeout(), absl::Milliseconds(10), absl::Minutes(1))) {
    return bad;
  }
  if (Problem bad = CheckPattern("traffic.counter_pattern", traffic.counter_pattern())) return bad;
  return CheckPattern("traffic.node_pattern", traffic.node_pattern());
}

}  // namespace

std::optional<DescriptionProblem> FindProblem(const v1::ClusterDescription& description) {
  if (Problem bad = CheckName("cluster", description.cluster())) return bad;
  if (Problem bad = CheckNodes(description)) return bad;
  if (Problem bad = CheckResources(description)) return bad;
  if (Problem bad = CheckLoadBalancers(description)) return bad;
  return CheckTraffic(description);
}

absl::Status ValidateDescription(const v1::ClusterDescription& description) {
  const std::optional<DescriptionProblem> problem = FindProblem(description);
  if (!problem.has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("description: ", problem->path, ": ", problem->what));
}

}  // namespace jettyfleet
