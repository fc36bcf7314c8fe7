#include "coordinator/route/findings.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/route/address.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {
namespace {

using Fact = v1::LbServerFact;

// Collects findings about one subject.
class Collector {
 public:
  explicit Collector(std::vector<v1::RouteFinding>* findings) : findings_(*findings) {}
  void About(std::string subject) { subject_ = std::move(subject); }
  void No(std::string detail) { Add(v1::ANSWER_NO, std::move(detail)); }
  void Unknown(std::string detail) { Add(v1::ANSWER_UNSPECIFIED, std::move(detail)); }

 private:
  void Add(v1::Answer agrees, std::string detail) {
    v1::RouteFinding& finding = findings_.emplace_back();
    finding.set_subject(subject_);
    finding.set_agrees(agrees);
    finding.set_detail(std::move(detail));
  }
  std::vector<v1::RouteFinding>& findings_;
  std::string subject_;
};

std::string SubjectOf(const v1::RouteServer& server) {
  return absl::StrCat(server.load_balancer(), " ", server.backend(), "/", server.server());
}

const v1::LeaseFact* LeaseOf(const v1::RouteServer& server, absl::string_view kind) {
  for (const v1::LeaseFact& lease : server.leases()) {
    if (lease.kind() == kind) return &lease;
  }
  return nullptr;
}

// "UP", "UP 1/2": clients are sent there.
bool IsUp(const Fact& fact) { return absl::StartsWith(fact.status(), "UP") || fact.status() == "no check"; }

std::string StatusWords(const Fact& fact) {
  return absl::StrCat(fact.status(), fact.check_status().empty() ? "" : ", check ", fact.check_status());
}

// As many instances run as are described: a node without one is a spare.
bool AllRun(const v1::ClusterDescription& description, const v1::RouteShowResponse& picture,
            const std::string& resource_name) {
  uint32_t described = 0;
  for (const v1::ResourceDescription& resource : description.resources()) {
    if (resource.name() == resource_name) described = resource.clone_max();
  }
  uint32_t started = 0;
  for (const v1::RouteNode& node : picture.nodes()) {
    if (node.resource() == resource_name && node.started() == v1::ANSWER_YES) ++started;
  }
  return described > 0 && started >= described;
}

void JudgeState(const v1::RouteNode& node, const v1::RouteServer& server, bool may_be_spare, absl::Time now,
                Collector* found) {
  const Fact& fact = server.fact();
  const v1::LeaseFact* const lease = LeaseOf(server, kServerLease);
  if (fact.admin_state() != Fact::ADMIN_STATE_READY) {
    const std::string state = AdminWord(fact.admin_state());
    if (lease == nullptr) {
      found->No(absl::StrCat("is in ", state,
                             ", and no lease of ours holds it: somebody else's; make it ready there, or "
                             "jettyfleet route apply --take-over"));
    } else if (FromProto(lease->ends_at()) <= now) {
      found->No(absl::StrCat("is in ", state, " though lease ", lease->id(), " has ended; jettyfleet route apply"));
    }
    return;
  }
  if (lease != nullptr && FromProto(lease->ends_at()) > now) {
    found->No(absl::StrCat("is ready though lease ", lease->id(),
                           " holds it out of service: HAProxy has lost its states, or somebody made it ready; "
                           "jettyfleet route apply, or jettyfleet route restore ",
                           node.node()));
    return;
  }
  const bool up = IsUp(fact);
  if (node.started() == v1::ANSWER_NO && (up || !may_be_spare)) {
    found->No(absl::StrCat("is ready (", StatusWords(fact), "), but the cluster runs no instance on ", node.node()));
  } else if (node.http_ready() == v1::ANSWER_NO && up) {
    found->No(absl::StrCat("is ", StatusWords(fact), ", but ", node.node(), " itself does not answer as described"));
  } else if (node.started() == v1::ANSWER_YES && node.http_ready() == v1::ANSWER_YES && !up) {
    found->No(absl::StrCat("is ", StatusWords(fact), ", but ", node.node(),
                           " itself answers as described: is the way "
                           "from the load balancer open, and its check the same?"));
  }
}

void JudgeSettings(const v1::ClusterDescription& description, const v1::RouteNode& node, const v1::RouteServer& server,
                   absl::Time now, Collector* found) {
  const Fact& fact = server.fact();
  if (fact.status() == "no check") {
    found->No("has no health check, so HAProxy would call it up whatever it does; jettyfleet route render haproxy");
  }
  const v1::LeaseFact* const lease = LeaseOf(server, kWeightLease);
  if (fact.weight() != fact.initial_weight() && (lease == nullptr || FromProto(lease->ends_at()) <= now)) {
    found->No(absl::StrCat("has weight ", fact.weight(), ", configured is ", fact.initial_weight(),
                           ", and no lease of ours says so; jettyfleet route apply"));
  }
  const std::string& wanted = server.described_address();
  if (IsIpAddress(wanted) && !SameIpAddress(fact.address(), wanted)) {
    found->No(absl::StrCat("leads to ", fact.address().empty() ? "no address" : fact.address(), ", and ", node.node(),
                           " is at ", wanted, "; jettyfleet route apply, and mend HAProxy's configuration"));
  } else if (!wanted.empty() && !IsIpAddress(wanted) && fact.host_name() != wanted) {
    found->Unknown(absl::StrCat("leads to ", fact.address(), ", and the description gives a name, ", wanted,
                                ": whether they are the same cannot be told from here; describe the address"));
  }
  for (const v1::ResourceDescription& resource : description.resources()) {
    if (resource.name() != node.resource() || resource.ports().empty()) continue;
    if (std::find(resource.ports().begin(), resource.ports().end(), fact.port()) == resource.ports().end()) {
      found->No(absl::StrCat("leads to port ", fact.port(), ", which is none of ", resource.name(), "'s"));
    }
  }
}

std::string Settings(const Fact& fact) {
  return absl::StrCat(AdminWord(fact.admin_state()), ", weight ", fact.weight(), ", ", fact.address(), ":",
                      fact.port());
}

void JudgeDifference(const v1::RouteNode& node, Collector* found) {
  const v1::RouteServer* first = nullptr;
  for (const v1::RouteServer& server : node.servers()) {
    if (server.seen() != v1::ANSWER_YES) continue;
    if (first == nullptr) {
      first = &server;
    } else if (Settings(server.fact()) != Settings(first->fact())) {
      found->About(node.node());
      found->No(absl::StrCat("differs between load balancers: ", SubjectOf(*first), " has ", Settings(first->fact()),
                             "; ", SubjectOf(server), " has ", Settings(server.fact())));
    }
  }
}

}  // namespace

std::vector<v1::RouteFinding> JudgeRoute(const v1::ClusterDescription& description,
                                         const v1::RouteShowResponse& picture, absl::Time now) {
  std::vector<v1::RouteFinding> findings;
  Collector found(&findings);
  if (description.load_balancers().empty()) {
    found.About("load balancers");
    found.Unknown("none is described; give load_balancers and apply");
  }
  for (const v1::RouteNode& node : picture.nodes()) {
    bool routed = false;
    for (const v1::LoadBalancerDescription& balancer : description.load_balancers()) {
      routed |= balancer.resource() == node.resource();
    }
    if (routed && node.servers().empty()) {
      found.About(node.node());
      found.No(absl::StrCat("runs an instance of ", node.resource(), ", and the description maps it to no server"));
    }
    const bool may_be_spare = AllRun(description, picture, node.resource());
    for (const v1::RouteServer& server : node.servers()) {
      found.About(SubjectOf(server));
      if (server.seen() == v1::ANSWER_YES) {
        JudgeState(node, server, may_be_spare, now, &found);
        JudgeSettings(description, node, server, now, &found);
      } else if (!server.fact().error().empty()) {
        found.Unknown(server.fact().error());
      } else {
        found.Unknown(absl::StrCat("was not seen: is the agent on ", server.load_balancer(), " connected?"));
      }
    }
    JudgeDifference(node, &found);
  }
  for (const v1::RouteServer& server : picture.unmapped()) {
    found.About(SubjectOf(server));
    found.No(absl::StrCat("is mapped to no node by the description, and is ", AdminWord(server.fact().admin_state()),
                          " (", StatusWords(server.fact()), "); map it, or take it out of HAProxy's configuration"));
  }
  return findings;
}

}  // namespace jettyfleet
