#include "client/render/haproxy_config.h"

#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Sessions = v1::SessionsDescription;

constexpr char kDefaultCookie[] = "JETTYFLEET";
// High enough that a few per cent of it are a weight of their own (route shift).
constexpr int kWeight = 100;

constexpr char kHead[] =
    R"(# Rendered by `jettyfleet route render haproxy` from a cluster's description: change that, and render again.
#
# HAProxy forgets at a reload what was set at run time (drain, maint, weights), unless it was saved before. In `global`:
#
#     stats socket /run/haproxy/admin.sock mode 660 level admin
#     server-state-file /var/lib/haproxy/server-state
#
# and in a drop-in of haproxy.service, with an executable that saves the states before each reload and stop. What was
# read is removed, or HAProxy would come back from a crash with what was drained long ago:
#
#     [Service]
#     ExecReload=
#     ExecReload=/usr/local/sbin/save-server-states
#     ExecReload=/usr/sbin/haproxy -Ws -f $CONFIG -c -q $EXTRAOPTS
#     ExecReload=/bin/kill -USR2 $MAINPID
#     ExecReload=/bin/sleep 2
#     ExecReload=/bin/rm -f /var/lib/haproxy/server-state
#     ExecStartPost=/bin/rm -f /var/lib/haproxy/server-state
#     ExecStop=/usr/local/sbin/save-server-states
#
#     #!/bin/sh
#     set -e
#     echo 'show servers state' | socat - UNIX-CONNECT:/run/haproxy/admin.sock > /var/lib/haproxy/server-state.new
#     test -s /var/lib/haproxy/server-state.new
#     mv /var/lib/haproxy/server-state.new /var/lib/haproxy/server-state
)";

absl::Status Refused(const std::string& path, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("key \"", path, "\": ", what));
}

// "500ms" or "2s": HAProxy knows both, and no fractions.
std::string TimeText(absl::Duration time) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(time);
  return milliseconds % 1000 == 0 ? absl::StrCat(milliseconds / 1000, "s") : absl::StrCat(milliseconds, "ms");
}

bool IsName(const std::string& address) {
  if (absl::StrContains(address, ':')) return false;
  for (const char c : address) {
    if (absl::ascii_isalpha(c)) return true;
  }
  return false;
}

std::string AddressOf(const v1::ClusterDescription& description, const std::string& node) {
  const auto found = description.addresses().find(node);
  return found == description.addresses().end() ? node : found->second;
}

const v1::ResourceDescription* FindResource(const v1::ClusterDescription& description, const std::string& name) {
  for (const v1::ResourceDescription& resource : description.resources()) {
    if (resource.name() == name) return &resource;
  }
  return nullptr;
}

// Whole inside double quotes, as HAProxy reads them.
std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return out + "\"";
}

struct Backend {
  const v1::ClusterDescription& description;
  const v1::LoadBalancerDescription& balancer;
  const v1::ResourceDescription& resource;
  std::map<std::string, std::string> servers;  // by node
};

std::string CheckLines(const Backend& backend) {
  const v1::HealthDescription& health = backend.resource.health();
  std::string line = absl::StrCat("    default-server check inter 500ms fall 2 rise 2 weight ", kWeight);
  if (health.port() != backend.resource.ports(0)) absl::StrAppend(&line, " port ", health.port());
  for (const auto& [node, server] : backend.servers) {
    if (!IsName(AddressOf(backend.description, node))) continue;
    // A name that cannot be looked up must not keep HAProxy from starting.
    absl::StrAppend(&line, " init-addr last,libc,none");
    break;
  }
  return absl::StrCat("    option httpchk\n", "    http-check send meth GET uri ", Quoted(health.path()), "\n",
                      "    http-check expect status ", health.status(), "\n", "    timeout check ",
                      TimeText(FromProto(health.timeout())), "\n", line, "\n");
}

absl::StatusOr<std::string> AffinityLines(const Backend& backend) {
  const Sessions& sessions = backend.resource.sessions();
  if (!backend.resource.has_sessions() || sessions.affinity() == Sessions::AFFINITY_COOKIE) {
    const std::string& cookie = sessions.cookie().empty() ? kDefaultCookie : sessions.cookie();
    return absl::StrCat(backend.resource.has_sessions() ? ""
                                                        : "    # The description says nothing of sessions: a client "
                                                          "stays with its server, which is right for all.\n",
                        "    cookie ", cookie, " insert indirect nocache\n");
  }
  if (sessions.affinity() == Sessions::AFFINITY_NONE) {
    if (sessions.store() == Sessions::STORE_NONE) {
      return std::string("    # No affinity: the application keeps no sessions.\n");
    }
    if (sessions.store() == Sessions::STORE_MEMORY || !sessions.cache_null()) {
      return Refused(absl::StrCat("resources.", backend.resource.name(), ".sessions.affinity"),
                     "none needs an external store and cache_null: true, or sessions are lost");
    }
    return std::string("    # No affinity: each node reads the session from the store for each request.\n");
  }
  const std::string& cookie = sessions.cookie();
  std::string lines =
      "    # Jetty ends the session id with its worker name, which has to be the node's name. A server that is "
      "drained\n"
      "    # keeps its sessions so; one that is down or in maintenance does not.\n";
  for (const auto& [node, server] : backend.servers) {
    if (absl::StrContains(node, '.')) {
      return Refused(absl::StrCat("resources.", backend.resource.name(), ".sessions.affinity"),
                     absl::StrCat("worker-name cannot be used with node ", node,
                                  ": Jetty allows no '.' in a worker name; give affinity cookie"));
    }
    absl::StrAppend(&lines, "    use-server ", server, " if { req.cook(", cookie, ") -m end .", node, " }\n");
  }
  return lines;
}

std::string ServerLines(const Backend& backend) {
  const Sessions& sessions = backend.resource.sessions();
  const bool by_cookie = !backend.resource.has_sessions() || sessions.affinity() == Sessions::AFFINITY_COOKIE;
  std::string lines;
  for (const auto& [node, server] : backend.servers) {
    const std::string address = AddressOf(backend.description, node);
    const bool ipv6 = absl::StrContains(address, ':');
    absl::StrAppend(&lines, "    server ", server, " ", ipv6 ? absl::StrCat("[", address, "]") : address, ":",
                    backend.resource.ports(0));
    // The node's name and not the server's: it means the same on every load balancer.
    if (by_cookie) absl::StrAppend(&lines, " cookie ", node);
    lines += '\n';
  }
  return lines;
}

absl::StatusOr<std::string> RenderBackend(const Backend& backend) {
  absl::StatusOr<std::string> affinity = AffinityLines(backend);
  if (!affinity.ok()) return affinity.status();
  return absl::StrCat(
      "\nbackend ", backend.balancer.backend(),
      "\n"
      "    mode http\n"
      "    balance roundrobin\n"
      "    # A request that could not be handed over is tried elsewhere; one that was is not sent twice.\n"
      "    option redispatch 1\n"
      "    retries 3\n"
      "    load-server-state-from-file global\n",
      CheckLines(backend), *affinity, ServerLines(backend));
}

absl::StatusOr<std::string> RenderHost(const v1::ClusterDescription& description, const std::string& host) {
  std::string text = kHead;
  for (const v1::LoadBalancerDescription& balancer : description.load_balancers()) {
    if (balancer.host() != host) continue;
    const v1::ResourceDescription* const resource = FindResource(description, balancer.resource());
    if (resource == nullptr || resource->ports().empty()) {
      return Refused(absl::StrCat("load_balancers.", host, ".resource"), "names no resource that has a port");
    }
    const absl::StatusOr<std::string> backend =
        RenderBackend({description, balancer, *resource, {balancer.servers().begin(), balancer.servers().end()}});
    if (!backend.ok()) return backend.status();
    text += *backend;
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> RenderHaproxy(const v1::ClusterDescription& description, const std::string& host) {
  std::set<std::string> hosts;
  for (const v1::LoadBalancerDescription& balancer : description.load_balancers()) hosts.insert(balancer.host());
  if (hosts.empty()) return Refused("load_balancers", "is empty; describe where HAProxy runs and what its servers are");
  if (!host.empty()) {
    if (!hosts.contains(host)) {
      return Refused("load_balancers", absl::StrCat("has no host ", host, "; it has ", absl::StrJoin(hosts, ", ")));
    }
    return RenderHost(description, host);
  }
  const absl::StatusOr<std::string> first = RenderHost(description, *hosts.begin());
  for (const std::string& other : hosts) {
    if (!first.ok()) return first;
    const absl::StatusOr<std::string> text = RenderHost(description, other);
    if (!text.ok()) return text;
    if (*text != *first) {
      return Refused("load_balancers",
                     absl::StrCat(*hosts.begin(), " and ", other, " differ; say which is meant with --host"));
    }
  }
  return first;
}

}  // namespace jettyfleet
