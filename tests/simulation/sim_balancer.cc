#include "tests/simulation/sim_balancer.h"

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kCheckInterval = absl::Milliseconds(500);
constexpr int kRise = 2;
constexpr int kFall = 3;

}  // namespace

SimBalancer::SimBalancer(EventQueue* events, Chance* chance, SimCluster* cluster)
    : events_(events), chance_(chance), cluster_(cluster) {
  for (const auto& [name, node] : cluster->nodes()) {
    Server server;
    server.up = node.http;
    server.check_status = node.http ? "L7OK" : "L4CON";
    servers_[name] = server;
  }
  events_->After(kCheckInterval, [this] { Check(); });
}

void SimBalancer::Check() {
  for (auto& [name, server] : servers_) {
    if (server.state == v1::LbServerFact::ADMIN_STATE_MAINT) continue;
    const bool ok = cluster_->Serves(name);
    server.check_status = ok ? "L7OK" : "L4CON";
    server.successes = ok ? server.successes + 1 : 0;
    server.failures = ok ? 0 : server.failures + 1;
    const bool before = server.up;
    if (server.successes >= kRise) server.up = true;
    if (server.failures >= kFall) server.up = false;
    if (before != server.up && on_changed) on_changed();
  }
  events_->After(kCheckInterval, [this] { Check(); });
}

std::vector<v1::LbServerFact> SimBalancer::ReadServers() const {
  std::vector<v1::LbServerFact> facts;
  for (const auto& [name, server] : servers_) {
    v1::LbServerFact fact;
    fact.set_backend(kSimBackend);
    fact.set_server(name);
    fact.set_node(name);
    fact.set_admin_state(server.state);
    if (server.state == v1::LbServerFact::ADMIN_STATE_MAINT) {
      fact.set_status("MAINT");
    } else {
      fact.set_status(!server.up ? "DOWN" : server.state == v1::LbServerFact::ADMIN_STATE_DRAIN ? "DRAIN" : "UP");
      fact.set_check_status(server.check_status);
    }
    const bool drained =
        server.state != v1::LbServerFact::ADMIN_STATE_READY && events_->WallNow() >= server.sessions_end;
    fact.set_current_sessions(drained || !server.up ? 0 : 3);
    facts.push_back(fact);
  }
  return facts;
}

std::vector<v1::LeaseFact> SimBalancer::ReadLeases() const {
  std::vector<v1::LeaseFact> facts;
  for (const auto& [server, lease] : leases_) {
    v1::LeaseFact fact;
    fact.set_id(lease.id);
    fact.set_operation_id(lease.operation_id);
    fact.set_kind("lb-server");
    fact.set_target(absl::StrCat(kSimBackend, "/", server));
    *fact.mutable_ends_at() = ToProto(lease.ends_at);
    facts.push_back(fact);
  }
  return facts;
}

absl::Time SimBalancer::Hold(const std::string& name, AdminState state, const std::string& lease_id,
                             const std::string& operation_id, absl::Duration duration) {
  const absl::Time end = LocalTime() + duration;
  leases_[name] = {lease_id, operation_id, end};
  Server& server = servers_.at(name);
  if (server.state == v1::LbServerFact::ADMIN_STATE_READY) {
    server.sessions_end = events_->WallNow() + chance_->Between(absl::Milliseconds(100), absl::Seconds(8));
  }
  // What is in maint has no session left soon after.
  if (state == v1::LbServerFact::ADMIN_STATE_MAINT) {
    server.sessions_end = std::min(server.sessions_end, events_->WallNow() + absl::Milliseconds(300));
  }
  if (server.state == v1::LbServerFact::ADMIN_STATE_MAINT && state != v1::LbServerFact::ADMIN_STATE_MAINT) {
    server.up = true;  // until its first checks say otherwise
    server.failures = server.successes = 0;
  }
  server.state = state;
  if (!leases_never_end) {
    events_->At(events_->WallNow() + duration, [this, name, lease_id, end] {
      const auto lease = leases_.find(name);
      if (lease != leases_.end() && lease->second.id == lease_id && lease->second.ends_at == end) Release(name);
    });
  }
  if (on_changed) on_changed();
  return end;
}

void SimBalancer::Release(const std::string& name) {
  Server& server = servers_.at(name);
  if (server.state == v1::LbServerFact::ADMIN_STATE_MAINT) {
    server.up = true;
    server.failures = server.successes = 0;
  }
  server.state = v1::LbServerFact::ADMIN_STATE_READY;
  leases_.erase(name);
  if (on_changed) on_changed();
}

bool SimBalancer::InRotation(const std::string& name) const {
  const Server& server = servers_.at(name);
  return server.state == v1::LbServerFact::ADMIN_STATE_READY && server.up;
}

bool SimBalancer::IsReady(const std::string& name) const {
  return servers_.at(name).state == v1::LbServerFact::ADMIN_STATE_READY;
}

bool SimBalancer::Request() {
  std::vector<std::string> candidates;
  for (const auto& [name, server] : servers_) {
    if (InRotation(name)) candidates.push_back(name);
  }
  return !candidates.empty() && cluster_->Serves(candidates[turn_++ % candidates.size()]);
}

}  // namespace jettyfleet
