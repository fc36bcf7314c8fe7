#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/check/verdict.h"
#include "coordinator/verify/reach.h"

namespace jettyfleet {
namespace {

constexpr char kNone[] = "no load balancer is described";

// Servers of one described backend; null: its load balancer's agent did not say.
struct Backend {
  const v1::LoadBalancerDescription* described = nullptr;
  const HostView* host = nullptr;
  std::string name;  // "lb-01/jetty"
  std::vector<const v1::LbServerFact*> servers;
};

std::vector<Backend> Backends(const CheckInput& input) {
  std::vector<Backend> backends;
  for (const v1::LoadBalancerDescription& described : input.view.description.load_balancers()) {
    Backend backend{&described, FreshHost(input, described.host(), &Freshness::lb_servers),
                    absl::StrCat(described.host(), "/", described.backend()), {}};
    if (backend.host != nullptr) {
      for (const v1::LbServerFact& server : backend.host->report.lb_servers()) {
        if (server.backend() == described.backend()) backend.servers.push_back(&server);
      }
    }
    backends.push_back(std::move(backend));
  }
  return backends;
}

// Empty: it belongs to no described node.
std::string NodeOf(const Backend& backend, const v1::LbServerFact& server) {
  for (const auto& [node, name] : backend.described->servers()) {
    if (name == server.server()) return node;
  }
  return "";
}

Verdict OnEachBackend(const CheckInput& input, const std::function<Seen(const Backend&)>& look,
                      const std::string& when_good, const std::string& when_bad) {
  const std::vector<Backend> backends = Backends(input);
  if (backends.empty()) return Unknown(kNone);
  std::vector<std::string> names;
  for (const Backend& backend : backends) names.push_back(backend.name);
  return OnEach(
      names,
      [&](const std::string& name) {
        const Backend& backend =
            *std::find_if(backends.begin(), backends.end(), [&](const Backend& one) { return one.name == name; });
        return backend.host == nullptr ? NotSeen("its agent did not say") : look(backend);
      },
      when_good, when_bad);
}

// With `look` on each server that belongs to a node; nothing: fine.
Verdict OnEachServer(const CheckInput& input,
                     const std::function<std::string(const Backend&, const v1::LbServerFact&, const std::string& node)>& look,
                     const std::string& when_good, const std::string& when_bad) {
  return OnEachBackend(
      input,
      [&](const Backend& backend) {
        std::vector<std::string> bad;
        std::vector<std::string> unknown;
        std::size_t seen = 0;
        for (const v1::LbServerFact* const server : backend.servers) {
          const std::string node = NodeOf(backend, *server);
          if (node.empty()) continue;
          ++seen;
          if (!server->error().empty()) {
            unknown.push_back(absl::StrCat(server->server(), ": ", server->error()));
            continue;
          }
          const std::string trouble = look(backend, *server, node);
          if (!trouble.empty()) bad.push_back(absl::StrCat(server->server(), " ", trouble));
        }
        if (!bad.empty()) return Bad(absl::StrJoin(bad, "\n"));
        if (!unknown.empty()) return NotSeen(absl::StrJoin(unknown, "\n"));
        return seen == 0 ? NotSeen("HAProxy named none of its servers") : Good(absl::StrCat(seen, " servers"));
      },
      when_good, when_bad);
}

Verdict Described(const CheckInput& input) {
  if (input.view.description.load_balancers().empty()) return Failed(kNone);
  return Passed(absl::StrCat(input.view.description.load_balancers_size(), " described"));
}

Verdict Servers(const CheckInput& input) {
  return OnEachBackend(
      input,
      [&](const Backend& backend) {
        std::vector<std::string> wrong;
        std::vector<std::string> unknown;
        std::set<std::string> served;
        for (const v1::LbServerFact* const server : backend.servers) {
          const std::string node = NodeOf(backend, *server);
          if (node.empty()) {
            wrong.push_back(absl::StrCat(server->server(), " (", server->address(), ") belongs to no described node"));
          } else if (!server->error().empty()) {
            wrong.push_back(absl::StrCat(server->server(), ": ", server->error()));
          } else {
            served.insert(node);
          }
        }
        for (const std::string& node : NodesOf(input)) {
          if (!backend.described->servers().contains(node)) wrong.push_back(absl::StrCat(node, " has no server"));
        }
        if (!wrong.empty()) return Bad(absl::StrJoin(wrong, "\n"));
        if (served.empty()) return NotSeen("HAProxy named none of its servers");
        return Good(absl::StrJoin(served, ", "));
      },
      "each node has a server, and no server is anybody else's", "its servers are not the nodes that should serve");
}

Verdict Addresses(const CheckInput& input) {
  const auto& addresses = input.view.description.addresses();
  return OnEachServer(
      input,
      [&](const Backend&, const v1::LbServerFact& server, const std::string& node) -> std::string {
        const auto own = addresses.find(node);
        const bool named = server.host_name() == node || (own != addresses.end() && server.host_name() == own->second);
        if (named || (own != addresses.end() && server.address() == own->second)) return "";
        for (const auto& [other, address] : addresses) {
          if (other != node && (address == server.address() || address == server.host_name())) {
            return absl::StrCat("(", server.address(), ") is ", other, "'s address, not ", node, "'s");
          }
        }
        return "";
      },
      "no server has another node's address", "a server leads to another node than its name says");
}

Verdict Up(const CheckInput& input) {
  return OnEachServer(
      input,
      [](const Backend&, const v1::LbServerFact& server, const std::string&) -> std::string {
        const bool left_out = server.admin_state() != v1::LbServerFact::ADMIN_STATE_READY;
        if (left_out || absl::StartsWith(server.status(), "UP") || server.status() == "no check") return "";
        return absl::StrCat("is ", server.status(), ", check ",
                            server.check_status().empty() ? "none yet" : server.check_status());
      },
      "every server is up", "a server is down");
}

Verdict NotLeftOut(const CheckInput& input) {
  return OnEachServer(
      input,
      [](const Backend& backend, const v1::LbServerFact& server, const std::string&) -> std::string {
        std::string trouble;
        if (server.admin_state() == v1::LbServerFact::ADMIN_STATE_DRAIN) trouble = "is in drain";
        if (server.admin_state() == v1::LbServerFact::ADMIN_STATE_MAINT) trouble = "is in maint";
        if (trouble.empty() && server.weight() != server.initial_weight()) {
          trouble = absl::StrCat("has weight ", server.weight(), " of ", server.initial_weight());
        }
        if (trouble.empty()) return "";
        const std::string target = absl::StrCat(server.backend(), "/", server.server());
        for (const v1::LeaseFact& lease : backend.host->report.leases()) {
          if (lease.target() == target) absl::StrAppend(&trouble, ", on a lease of ours (", lease.operation_id(), ")");
        }
        return trouble;
      },
      "none is in drain, in maint or at a lesser weight", "a server is left out of the traffic");
}

Verdict OwnChecks(const CheckInput& input) {
  return OnEachServer(
      input,
      [](const Backend&, const v1::LbServerFact& server, const std::string&) -> std::string {
        if (server.admin_state() == v1::LbServerFact::ADMIN_STATE_MAINT) return "";  // HAProxy does not check it then
        if (server.status() == "no check") return "is not checked at all";
        if (absl::StartsWith(server.check_status(), "L4OK") || absl::StartsWith(server.check_status(), "L6OK")) {
          return absl::StrCat("is checked by a connection only (", server.check_status(), ")");
        }
        return "";
      },
      "HAProxy asks Jetty itself", "HAProxy does not ask Jetty");
}

Verdict Reach(const CheckInput& input) {
  if (input.traffic.empty()) return Unknown("no traffic.url is described, or no instance serves behind a load balancer");
  Verdict verdict;
  verdict.passed = v1::ANSWER_YES;
  for (const TrafficLook& look : input.traffic) {
    const v1::VerifyFinding finding = JudgeReach(look.question, look.reach);
    verdict.evidence.emplace_back(look.question.traffic.url(), finding.detail());
    if (finding.passed() == v1::ANSWER_NO || verdict.passed == v1::ANSWER_YES) verdict.passed = finding.passed();
  }
  verdict.summary = verdict.passed == v1::ANSWER_YES  ? "every node answers through every load balancer"
                    : verdict.passed == v1::ANSWER_NO ? "not every node answers through every load balancer"
                                                      : "could not be measured";
  return verdict;
}

}  // namespace

std::vector<Check> RoutingChecks() {
  static constexpr char kConfig[] = "jettyfleet route render haproxy -f cluster.yaml prints the backend as it should be";
  return {
      {"routing.described", v1::SEVERITY_WARNING, "Load balancers are described", "load_balancers in the description",
       "What is not described cannot be drained before a node goes.", "describe load_balancers (docs/cluster-yaml.md)",
       Described, nullptr},
      {"routing.servers", v1::SEVERITY_FATAL, "Its servers are the nodes that should serve",
       "HAProxy's servers (admin socket) against the description and the nodes",
       "A node without a server serves nobody; a server without a node fails its share of the requests.", kConfig, Servers,
       nullptr},
      {"routing.addresses", v1::SEVERITY_FATAL, "Each server leads to its own node",
       "addresses of HAProxy's servers against the description's addresses",
       "Who drains one node then drains another.", kConfig, Addresses, nullptr},
      {"routing.up", v1::SEVERITY_FATAL, "Every server is up", "HAProxy's status and its last check",
       "HAProxy sends nothing to a server that it takes for dead.",
       "jettyfleet route show; jettyfleet check --only http", Up, nullptr},
      {"routing.left-out", v1::SEVERITY_WARNING, "No server is left out",
       "HAProxy's administrative states and weights, and our leases",
       "A drained server is forgotten until the others cannot carry the load.", "jettyfleet route restore NODE --why TEXT, or jettyfleet route apply CLUSTER --why TEXT", NotLeftOut,
       nullptr},
      {"routing.own-checks", v1::SEVERITY_WARNING, "HAProxy's own checks look at Jetty",
       "the layer of HAProxy's last check", "A port that is open and a Jetty that answers 503 look alike to a connection.",
       "option httpchk in the backend, check at each server; jettyfleet route render haproxy -f cluster.yaml", OwnChecks, nullptr},
      {"routing.reach", v1::SEVERITY_FATAL, "Clients reach every node",
       "requests without cookies through every load balancer, until each node has answered",
       "It is what clients see that counts.", "jettyfleet route show; jettyfleet verify", Reach, nullptr},
  };
}

}  // namespace jettyfleet
