#include "client/render/node_row.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

Cell Unknown() { return {"?", Tone::kUnknown}; }

// The membership list that is closest to the truth: the DC's, else the first connected node's that has one.
const v1::ClusterFact* BestClusterFact(const v1::ClusterStatus& cluster) {
  const v1::ClusterFact* best = nullptr;
  for (const v1::HostStatus& host : cluster.nodes()) {
    const v1::ClusterFact& fact = host.report().cluster();
    if (!host.connected() || fact.connected() != v1::ANSWER_YES || !fact.error().empty()) continue;
    if (host.host() == cluster.dc()) return &fact;
    if (best == nullptr) best = &fact;
  }
  return best;
}

const v1::ClusterNodeFact* FindMember(const v1::ClusterStatus& cluster, const std::string& node) {
  const v1::ClusterFact* const fact = BestClusterFact(cluster);
  if (fact == nullptr) return nullptr;
  const auto found = std::find_if(fact->nodes().begin(), fact->nodes().end(),
                                  [&node](const v1::ClusterNodeFact& member) { return member.name() == node; });
  return found == fact->nodes().end() ? nullptr : &*found;
}

Tone Worse(Tone a, Tone b) {
  if (a == Tone::kBad || b == Tone::kBad) return Tone::kBad;
  if (a == Tone::kUnknown || b == Tone::kUnknown) return Tone::kUnknown;
  return Tone::kGood;
}

Cell PortCell(const v1::PortFact& port) {
  const std::string number = absl::StrCat(port.port());
  if (port.bound() == v1::ANSWER_NO) return {number + " closed", Tone::kBad};
  if (port.bound() != v1::ANSWER_YES) return {number + " ?", Tone::kUnknown};
  if (port.bound_by_unit() == v1::ANSWER_YES) return {number, Tone::kGood};
  if (port.bound_by_unit() == v1::ANSWER_NO) return {number + " by another", Tone::kBad};
  return {number + " by whom?", Tone::kUnknown};
}

Cell ServerCell(const v1::LbServerFact& server) {
  if (!server.error().empty() || server.status().empty()) return Unknown();
  Cell cell{server.status(), Tone::kBad};
  switch (server.admin_state()) {
    case v1::LbServerFact::ADMIN_STATE_READY:
      if (server.status() == "UP") cell.tone = Tone::kGood;
      if (server.status() == "no check") cell.tone = Tone::kUnknown;
      break;
    case v1::LbServerFact::ADMIN_STATE_DRAIN:
      if (server.status() != "DRAIN") cell.text += " (drain)";
      break;
    case v1::LbServerFact::ADMIN_STATE_MAINT:
      if (!absl::StartsWith(server.status(), "MAINT")) cell.text += " (maint)";
      break;
    default:
      cell = {cell.text + " (state ?)", Tone::kUnknown};
  }
  return cell;
}

std::string BackendResource(const v1::ClusterStatus& cluster, const std::string& host, const std::string& backend) {
  for (const v1::LoadBalancerDescription& balancer : cluster.description().load_balancers()) {
    if (balancer.host() == host && balancer.backend() == backend) return balancer.resource();
  }
  return "";
}

// Servers that the description maps `node` to.
std::size_t ExpectedServers(const v1::ClusterStatus& cluster, const std::string& node, const std::string& resource) {
  std::size_t expected = 0;
  for (const v1::LoadBalancerDescription& balancer : cluster.description().load_balancers()) {
    if (balancer.resource() == resource && balancer.servers().count(node) > 0) ++expected;
  }
  return expected;
}

}  // namespace

Cell AgentCell(const v1::HostStatus& host, absl::Time now) {
  if (host.connected()) return {"up", Tone::kGood};
  if (!host.has_last_heard_at()) return {"never seen", Tone::kBad};
  return {absl::StrCat("lost ", SpanText(now - FromProto(host.last_heard_at())), " ago"), Tone::kBad};
}

Cell OnlineCell(const v1::ClusterStatus& cluster, const std::string& node) {
  const v1::ClusterNodeFact* const member = FindMember(cluster, node);
  if (member == nullptr) return Unknown();
  if (member->unclean()) return {"UNCLEAN", Tone::kBad};
  if (!member->online()) return {"NO", Tone::kBad};
  if (member->pending()) return {"pending", Tone::kUnknown};
  return {"yes", Tone::kGood};
}

Cell UnitCell(const v1::HostStatus& host, const std::string& unit) {
  if (!host.connected()) return Unknown();
  for (const v1::UnitFact& fact : host.report().units()) {
    if (fact.unit() != unit) continue;
    if (fact.active_state().empty() || !fact.error().empty()) return Unknown();
    if (fact.active_state() == "active") return {"active", Tone::kGood};
    const bool reason = fact.active_state() == "failed" && !fact.result().empty();
    return {reason ? absl::StrCat("failed: ", fact.result()) : fact.active_state(), Tone::kBad};
  }
  return Unknown();
}

Cell PortsCell(const v1::HostStatus& host, const std::string& resource) {
  if (!host.connected()) return Unknown();
  std::vector<std::string> texts;
  Tone tone = Tone::kGood;
  for (const v1::PortFact& port : host.report().ports()) {
    if (port.resource() != resource) continue;
    const Cell cell = PortCell(port);
    texts.push_back(cell.text);
    tone = Worse(tone, cell.tone);
  }
  if (texts.empty()) return Unknown();
  return {absl::StrJoin(texts, ", "), tone};
}

Cell HttpCell(const v1::HostStatus& host, const std::string& resource) {
  if (!host.connected()) return Unknown();
  for (const v1::HttpFact& http : host.report().http()) {
    if (http.resource() != resource) continue;
    if (http.healthy() == v1::ANSWER_YES) {
      return {absl::StrCat(http.status(), " in ", LatencyText(http.latency_us())), Tone::kGood};
    }
    if (http.healthy() != v1::ANSWER_NO) return Unknown();
    return {http.status() > 0 ? absl::StrCat(http.status()) : "no answer", Tone::kBad};
  }
  return Unknown();
}

Cell LoadBalancerCell(const v1::ClusterStatus& cluster, const std::string& node, const std::string& resource) {
  const std::size_t expected = ExpectedServers(cluster, node, resource);
  if (expected == 0) return {"-", Tone::kFaint};
  std::vector<std::string> texts;
  Tone tone = Tone::kGood;
  for (const v1::HostStatus& balancer : cluster.load_balancers()) {
    if (!balancer.connected()) continue;
    for (const v1::LbServerFact& server : balancer.report().lb_servers()) {
      if (server.node() != node || BackendResource(cluster, balancer.host(), server.backend()) != resource) continue;
      const Cell cell = ServerCell(server);
      texts.push_back(expected > 1 ? absl::StrCat(balancer.host(), " ", cell.text) : cell.text);
      tone = Worse(tone, cell.tone);
    }
  }
  if (texts.size() < expected) {
    texts.push_back("?");
    tone = Worse(tone, Tone::kUnknown);
  }
  return {absl::StrJoin(texts, ", "), tone};
}

std::string NodeNotes(const v1::ClusterStatus& cluster, const v1::HostStatus& host) {
  std::vector<std::string> notes;
  if (!cluster.dc().empty() && cluster.dc() == host.host()) notes.push_back("DC");
  if (const v1::ClusterNodeFact* const member = FindMember(cluster, host.host()); member != nullptr) {
    if (member->standby()) notes.push_back("standby");
    if (member->standby_onfail()) notes.push_back("standby after failure");
    if (member->maintenance()) notes.push_back("maintenance");
    if (member->shutdown()) notes.push_back("shutting down");
  }
  if (host.connected()) {
    for (const v1::LeaseFact& lease : host.report().leases()) {
      notes.push_back(absl::StrCat(lease.kind(), " of ", lease.target(), " until ", TimeOfDayText(lease.ends_at())));
    }
  }
  return absl::StrJoin(notes, ", ");
}

}  // namespace jettyfleet
