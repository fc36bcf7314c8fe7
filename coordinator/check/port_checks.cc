#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/check/verdict.h"

namespace jettyfleet {
namespace {

bool IsAny(const std::string& address) { return address == "0.0.0.0" || address == "::"; }
bool IsLoopback(const std::string& address) { return absl::StartsWith(address, "127.") || address == "::1"; }

// Java asks for IPv4 by IPv6 sockets, which show ::ffff:192.0.2.1.
std::string Plain(const std::string& address) {
  constexpr char kMapped[] = "::ffff:";
  const std::size_t length = sizeof kMapped - 1;
  const bool mapped = absl::StartsWith(address, kMapped) && absl::StrContains(address, ".");
  return mapped ? address.substr(length) : address;
}

// The resource's ports on one node; empty: not known.
std::vector<v1::PortFact> PortsOn(const CheckInput& input, const v1::ResourceDescription& resource,
                                  const std::string& node) {
  std::vector<v1::PortFact> ports;
  const HostView* const host = FreshHost(input, node, &Freshness::units);
  if (host == nullptr) return ports;
  for (const v1::PortFact& port : host->report.ports()) {
    if (port.resource() != resource.name()) continue;
    ports.push_back(port);
    for (v1::ListenerFact& listener : *ports.back().mutable_listeners()) listener.set_address(Plain(listener.address()));
  }
  return ports;
}

// All that listens on the resource's ports for its own unit.
std::vector<v1::ListenerFact> OwnListeners(const CheckInput& input, const v1::ResourceDescription& resource,
                                           const std::string& node) {
  std::vector<v1::ListenerFact> own;
  for (const v1::PortFact& port : PortsOn(input, resource, node)) {
    for (const v1::ListenerFact& listener : port.listeners()) {
      if (listener.owned_by_unit() == v1::ANSWER_YES) own.push_back(listener);
    }
  }
  return own;
}

Seen OfPorts(const CheckInput& input, const v1::ResourceDescription& resource, const std::string& node,
             const std::function<v1::Answer(const v1::PortFact&, std::string* text)>& look) {
  const std::vector<v1::PortFact> ports = PortsOn(input, resource, node);
  std::vector<std::string> texts;
  bool known = true;
  bool good = true;
  for (const uint32_t wanted : resource.ports()) {
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const v1::PortFact& fact) { return fact.port() == wanted; });
    std::string text = "not observed";
    const v1::Answer answer = port == ports.end() ? v1::ANSWER_UNSPECIFIED : look(*port, &text);
    texts.push_back(absl::StrCat("port ", wanted, ": ", text));
    known = known && answer != v1::ANSWER_UNSPECIFIED;
    good = good && answer == v1::ANSWER_YES;
  }
  const std::string text = absl::StrJoin(texts, "; ");
  if (good) return Good(text);
  return known ? Bad(text) : NotSeen(text);
}

// With `look` on every node where an instance is started.
Verdict WhereItRuns(const CheckInput& input, const v1::ResourceDescription& resource,
                    const std::function<Seen(const std::string&)>& look, const std::string& when_good,
                    const std::string& when_bad) {
  const std::vector<std::string> running = RunningNodes(input, resource);
  if (running.empty()) return Unknown("no instance is started");
  return OnEach(running, look, when_good, when_bad);
}

Verdict BoundEverywhere(const CheckInput& input, const v1::ResourceDescription& resource) {
  return WhereItRuns(
      input, resource,
      [&](const std::string& node) {
        return OfPorts(input, resource, node, [](const v1::PortFact& port, std::string* text) {
          *text = !port.error().empty()               ? port.error()
                  : port.bound() == v1::ANSWER_YES ? "bound"
                                                      : "NOT bound";
          return port.bound();
        });
      },
      absl::StrCat(absl::StrJoin(resource.ports(), ", "), " bound wherever an instance runs"),
      "an instance runs and does not listen");
}

Verdict NoStranger(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfPorts(input, resource, node, [](const v1::PortFact& port, std::string* text) {
          if (port.bound() == v1::ANSWER_UNSPECIFIED) {
            *text = port.error();
            return v1::ANSWER_UNSPECIFIED;
          }
          v1::Answer own = v1::ANSWER_YES;
          *text = "nobody else";
          for (const v1::ListenerFact& listener : port.listeners()) {
            if (listener.owned_by_unit() == v1::ANSWER_YES || own == v1::ANSWER_NO) continue;
            own = listener.owned_by_unit();
            *text = absl::StrCat("held by ", listener.owner().empty() ? "an unknown process" : listener.owner(), " at ",
                                 listener.address());
          }
          return own;
        });
      },
      "no port is held by anybody else", "a port is held by another process");
}

Verdict NotOnLoopbackOnly(const CheckInput& input, const v1::ResourceDescription& resource) {
  return WhereItRuns(
      input, resource,
      [&](const std::string& node) {
        return OfPorts(input, resource, node, [](const v1::PortFact& port, std::string* text) {
          std::vector<std::string> addresses;
          bool outward = false;
          for (const v1::ListenerFact& listener : port.listeners()) {
            if (listener.owned_by_unit() != v1::ANSWER_YES) continue;
            addresses.push_back(listener.address());
            outward |= !IsLoopback(listener.address());
          }
          if (addresses.empty()) return v1::ANSWER_UNSPECIFIED;
          *text = absl::StrCat("listens on ", absl::StrJoin(addresses, ", "));
          return outward ? v1::ANSWER_YES : v1::ANSWER_NO;
        });
      },
      "reachable from other hosts", "only this host itself can reach it");
}

Verdict OnOwnAddress(const CheckInput& input, const v1::ResourceDescription& resource) {
  const auto& addresses = input.view.description.addresses();
  std::map<std::string, std::set<std::string>> listening;  // nodes by specific address
  for (const std::string& node : RunningNodes(input, resource)) {
    for (const v1::ListenerFact& listener : OwnListeners(input, resource, node)) {
      if (!IsAny(listener.address()) && !IsLoopback(listener.address())) listening[listener.address()].insert(node);
    }
  }
  return WhereItRuns(
      input, resource,
      [&](const std::string& node) {
        const std::vector<v1::ListenerFact> own = OwnListeners(input, resource, node);
        if (own.empty()) return NotSeen("no listener of its own was observed");
        for (const v1::ListenerFact& listener : own) {
          const auto nodes = listening.find(listener.address());
          if (nodes != listening.end() && nodes->second.size() > 1) {
            return Bad(absl::StrCat("listens on ", listener.address(), ", as ", absl::StrJoin(nodes->second, " and "), " do"));
          }
          for (const auto& [other, address] : addresses) {
            if (other != node && address == listener.address()) {
              return Bad(absl::StrCat("listens on ", address, ", which is ", other, "'s"));
            }
          }
        }
        return Good(IsAny(own[0].address()) ? "listens on every address" : absl::StrCat("listens on ", own[0].address()));
      },
      "no address that another node holds", "listens on an address that another node holds");
}

Verdict SameEverywhere(const CheckInput& input, const v1::ResourceDescription& resource) {
  const std::vector<std::string> running = RunningNodes(input, resource);
  if (running.empty()) return Unknown("no instance is started");
  return SameOnAll(
      running,
      [&](const std::string& node) -> std::optional<std::string> {
        std::set<std::string> listeners;
        for (const v1::ListenerFact& listener : OwnListeners(input, resource, node)) {
          const bool v6 = absl::StrContains(listener.address(), ":");
          const char* const where = IsAny(listener.address())        ? "every address"
                                    : IsLoopback(listener.address()) ? "loopback"
                                                                     : "one address";
          listeners.insert(absl::StrCat(listener.port(), " on ", where, v6 ? " (IPv6)" : " (IPv4)"));
        }
        if (listeners.empty()) return std::nullopt;
        return absl::StrJoin(listeners, ", ");
      },
      "listens alike");
}

Verdict HttpAnswers(const CheckInput& input, const v1::ResourceDescription& resource) {
  return WhereItRuns(
      input, resource,
      [&](const std::string& node) {
        const HostView* const host = FreshHost(input, node, &Freshness::http);
        if (host == nullptr) return NotSeen("its agent has not asked");
        for (const v1::HttpFact& http : host->report.http()) {
          if (http.resource() != resource.name()) continue;
          const std::string text =
              http.error().empty() ? absl::StrCat("HTTP ", http.status(), " in ", http.latency_us() / 1000, " ms",
                                                  http.body_matches() == v1::ANSWER_NO ? ", its body does not match" : "")
                                   : http.error();
          if (http.healthy() == v1::ANSWER_UNSPECIFIED) return NotSeen(text);
          return http.healthy() == v1::ANSWER_YES ? Good(text) : Bad(text);
        }
        return NotSeen("no health request is described");
      },
      "answers as described on every node", "does not answer as described");
}

}  // namespace

std::vector<Check> PortChecks() {
  return {
      {"ports.bound", v1::SEVERITY_FATAL, "The described ports are bound", "listening sockets on each node (sock_diag)",
       "A unit can be active and deaf; Pacemaker does not notice.", "journalctl -u UNIT on that node; jettyfleet check "
       "--only ports", nullptr, BoundEverywhere},
      {"ports.stranger", v1::SEVERITY_FATAL, "No other process holds them",
       "the control group of each listening socket's owner",
       "A stranger on the port keeps Jetty from starting, or takes a part of its connections.",
       "ss -ltnp 'sport = :PORT' on that node; stop what holds it", nullptr, NoStranger},
      {"ports.loopback", v1::SEVERITY_FATAL, "Other hosts can reach them", "addresses of the unit's listening sockets",
       "On a loopback address only this host can ask: health on the node is good, and no client is served.",
       "jetty.http.host in start.ini or start.d; remove it or name an address of the node", nullptr, NotOnLoopbackOnly},
      {"ports.own-address", v1::SEVERITY_FATAL, "Each node listens on addresses of its own",
       "addresses of the unit's listening sockets, side by side, and the description's addresses",
       "An address that floats between nodes is answered by one of them at a time.",
       "jetty.http.host in start.ini or start.d; name the node's own address", nullptr, OnOwnAddress},
      {"ports.same-everywhere", v1::SEVERITY_WARNING, "The same on every node", "ports, and kinds of addresses",
       "A node that listens otherwise is found out when it is the only one left.",
       "compare jetty.http.host and jetty.http.port of the nodes", nullptr, SameEverywhere},
      {"http.answers", v1::SEVERITY_FATAL, "HTTP answers as described",
       "a request on each node itself: status, and the body where the description has an expression for it",
       "What Pacemaker calls active may answer 503 to everybody.",
       "curl -i http://127.0.0.1:PORT/PATH on that node; journalctl -u UNIT", nullptr, HttpAnswers},
  };
}

}  // namespace jettyfleet
