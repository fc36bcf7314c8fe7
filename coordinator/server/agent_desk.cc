#include "coordinator/server/agent_desk.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/server/grpc_status.h"

namespace jettyfleet {
namespace {

constexpr uint32_t kProtocol = 1;
constexpr absl::Duration kHeartbeat = absl::Seconds(5);
// An agent that was silent for this long is not connected, whatever TCP thinks.
constexpr absl::Duration kSilence = absl::Seconds(15);
constexpr absl::Duration kObserveTimeout = absl::Seconds(10);

grpc::Status Denied(std::string message) {
  return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, std::move(message));
}

// Everything that `wanted` asks for is asked for by `under_way` too.
bool Covers(const v1::Observe& under_way, const v1::Observe& wanted) {
  return (under_way.cluster() || !wanted.cluster()) && (under_way.cib() || !wanted.cib()) &&
         (under_way.units() || !wanted.units()) && (under_way.http() || !wanted.http()) &&
         (under_way.lb_servers() || !wanted.lb_servers());
}

}  // namespace

AgentDesk::AgentDesk(CoreLoop& core, Registry& registry, const Clock& clock, std::string fleet,
                     std::string coordinator_uuid, uint64_t epoch, Callbacks callbacks)
    : core_(core),
      registry_(registry),
      clock_(clock),
      fleet_(std::move(fleet)),
      coordinator_uuid_(std::move(coordinator_uuid)),
      epoch_(epoch),
      callbacks_(std::move(callbacks)) {}

void AgentDesk::Start() { Heartbeat(); }

grpc::Status AgentDesk::OnHello(const std::shared_ptr<AgentSession>& session, const Identity& caller,
                                const v1::Hello& hello) {
  const bool is_balancer = caller.role == Role::kLb;
  if (!is_balancer && caller.role != Role::kAgent) return Denied("only agents may open a session");
  if (hello.host() != caller.name || hello.cluster() != caller.cluster) {
    return Denied(absl::StrCat("the hello says ", hello.cluster(), "/", hello.host(), ", the certificate says ",
                               caller.cluster, "/", caller.name, "; give the agent its own certificate"));
  }
  if (hello.kind() != (is_balancer ? v1::Hello::KIND_LOAD_BALANCER : v1::Hello::KIND_NODE)) {
    return Denied("the hello's kind is not what the certificate is for");
  }
  if (hello.protocol_min() > kProtocol || hello.protocol_max() < kProtocol) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                        absl::StrCat("the agent speaks protocol ", hello.protocol_min(), " to ", hello.protocol_max(),
                                     ", this coordinator ", kProtocol, "; upgrade the older of the two"));
  }
  const HostKey key{caller.cluster, caller.name};
  if (const auto old = peers_.find(key); old != peers_.end()) {
    if (old->second.boot_id == hello.boot_id() && old->second.restart_sequence > hello.restart_sequence()) {
      return grpc::Status(grpc::StatusCode::ALREADY_EXISTS,
                          absl::StrCat("a newer agent process on ", key.host, " is connected"));
    }
    old->second.session->Close(grpc::Status(grpc::StatusCode::ABORTED, "a newer stream of this host took over"));
    DropPeer(key);
  }
  const absl::Time now = clock_.WallNow();
  peers_[key] = Peer{session, hello.boot_id(), hello.restart_sequence(), {}, {}};
  keys_[session.get()] = key;
  registry_.Connected(key, hello, now);
  v1::CoordinatorMessage message;
  v1::Welcome* const welcome = message.mutable_welcome();
  welcome->set_protocol(kProtocol);
  welcome->set_coordinator(coordinator_uuid_);
  welcome->set_epoch(epoch_);
  *welcome->mutable_heartbeat() = ToProto(kHeartbeat);
  session->Send(message);
  *message.mutable_watch() = registry_.WatchFor(key);
  session->Send(std::move(message));
  Event(key, absl::StrCat("agent connected (", hello.version(), ", start ", hello.restart_sequence(), ")"));
  return grpc::Status::OK;
}

void AgentDesk::OnMessage(const std::shared_ptr<AgentSession>& session, const v1::AgentMessage& message) {
  const HostKey* const known = KeyOf(session.get());
  if (known == nullptr) return;
  const HostKey key = *known;
  Peer& peer = peers_.at(key);
  const absl::Time now = clock_.WallNow();
  switch (message.kind_case()) {
    case v1::AgentMessage::kSnapshot: {
      registry_.TakeSnapshot(key, message.snapshot(), now);
      // Facts that a gate may believe come from a question that was asked after the gate began; ask the first now.
      v1::Observe all;
      all.set_units(true);
      all.set_http(true);
      all.set_cluster(!key.is_load_balancer());
      all.set_cib(!key.is_load_balancer());
      all.set_lb_servers(key.is_load_balancer());
      Observe(key.cluster, key.host, all);
      break;
    }
    case v1::AgentMessage::kChange:
      ReportDifferences(key, message.change());
      registry_.TakeChange(key, message.change(), now);
      break;
    case v1::AgentMessage::kResult:
      if (peer.acting.erase(message.result().action_id()) > 0) callbacks_.on_result(key, message.result());
      break;
    case v1::AgentMessage::kObserveDone: {
      const auto asked = peer.observing.find(message.observe_done().id());
      if (asked == peer.observing.end()) return;
      registry_.TakeObserved(key, asked->second.observe, asked->second.sent_at, now);
      peer.observing.erase(asked);
      break;
    }
    case v1::AgentMessage::kPong:
      registry_.TakeObserved(key, v1::Observe(), now, now);
      return;
    case v1::AgentMessage::kHello:
    case v1::AgentMessage::KIND_NOT_SET:
      return session->Close(
          grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "a message of an unknown kind, or a second hello"));
  }
  Changed(key);
}

void AgentDesk::OnClosed(const std::shared_ptr<AgentSession>& session) {
  const HostKey* const known = KeyOf(session.get());
  if (known == nullptr) return;
  const HostKey key = *known;
  DropPeer(key);
  Event(key, "agent disconnected; its host is unknown until it is back");
  Changed(key);
}

void AgentDesk::DropPeer(const HostKey& key) {
  const auto found = peers_.find(key);
  const Peer peer = std::move(found->second);
  peers_.erase(found);
  keys_.erase(peer.session.get());
  registry_.Disconnected(key, clock_.WallNow());
  for (const auto& [id, unused] : peer.acting) {
    v1::ActionResult lost;
    lost.set_action_id(id);
    lost.set_outcome(v1::ActionResult::OUTCOME_TIMED_OUT);
    lost.set_message(absl::StrCat("the agent on ", key.host, " went away before it answered; outcome unknown"));
    callbacks_.on_result(key, lost);
  }
}

bool AgentDesk::Send(const std::string& cluster, const std::string& host, const v1::Action& action) {
  Peer* const peer = Find(cluster, host);
  if (peer == nullptr) return false;
  peer->acting[action.id()] = true;
  v1::CoordinatorMessage message;
  *message.mutable_action() = action;
  peer->session->Send(std::move(message));
  return true;
}

void AgentDesk::Observe(const std::string& cluster, const std::string& host, v1::Observe observe) {
  Peer* const peer = Find(cluster, host);
  if (peer == nullptr) return;
  const absl::Time now = clock_.WallNow();
  for (auto asked = peer->observing.begin(); asked != peer->observing.end();) {
    if (now - asked->second.sent_at > kObserveTimeout) {
      asked = peer->observing.erase(asked);
      continue;
    }
    if (Covers(asked->second.observe, observe)) return;
    ++asked;
  }
  observe.set_id(next_observe_id_++);
  peer->observing[observe.id()] = {observe, now};
  v1::CoordinatorMessage message;
  *message.mutable_observe() = observe;
  peer->session->Send(std::move(message));
}

void AgentDesk::PushWatches() {
  for (const auto& [key, peer] : peers_) {
    v1::CoordinatorMessage message;
    *message.mutable_watch() = registry_.WatchFor(key);
    peer.session->Send(std::move(message));
  }
}

const HostKey* AgentDesk::KeyOf(const AgentSession* session) const {
  const auto found = keys_.find(session);
  return found == keys_.end() ? nullptr : &found->second;
}

AgentDesk::Peer* AgentDesk::Find(const std::string& cluster, const std::string& host) {
  auto found = peers_.find(HostKey{cluster, host});
  if (found == peers_.end()) found = peers_.find(HostKey{"", host});
  return found == peers_.end() ? nullptr : &found->second;
}

void AgentDesk::Changed(const HostKey& key) {
  for (const std::string& cluster : registry_.ClustersOf(key)) callbacks_.on_changed(cluster);
}

void AgentDesk::Event(const HostKey& key, const std::string& text) {
  LogInfo(absl::StrCat(key.cluster, key.cluster.empty() ? "" : "/", key.host, ": ", text));
  callbacks_.on_event(key.cluster, key.host, text);
}

void AgentDesk::ReportDifferences(const HostKey& key, const v1::HostChange& change) {
  if (key.is_load_balancer()) return;
  const ClusterView* const cluster = registry_.Find(key.cluster);
  const HostView& host = cluster->nodes.at(key.host);
  for (const v1::UnitFact& unit : change.units()) {
    std::string was = "unknown";
    for (const v1::UnitFact& known : host.report.units()) {
      if (known.unit() == unit.unit() && !known.active_state().empty()) was = known.active_state();
    }
    const std::string is = unit.active_state().empty() ? "unknown" : unit.active_state();
    if (was != is) {
      Event(key, absl::StrCat("unit ", unit.unit(), ": ", was, " -> ", is,
                              is == "failed" ? absl::StrCat(" (", unit.result(), ")") : ""));
    }
  }
  for (const v1::PortFact& port : change.ports()) {
    for (const v1::PortFact& known : host.report.ports()) {
      if (known.resource() == port.resource() && known.port() == port.port() && known.bound() != port.bound() &&
          port.bound() != v1::ANSWER_UNSPECIFIED) {
        Event(key, absl::StrCat("port ", port.port(), " of ", port.resource(), ": ",
                                port.bound() == v1::ANSWER_YES ? "bound" : "no longer bound"));
      }
    }
  }
  if (change.has_cluster() && host.report.has_cluster() && change.cluster().dc() != host.report.cluster().dc()) {
    Event(key,
          absl::StrCat("DC as seen here: ", host.report.cluster().dc().empty() ? "none" : host.report.cluster().dc(),
                       " -> ", change.cluster().dc().empty() ? "none" : change.cluster().dc()));
  }
}

void AgentDesk::Heartbeat() {
  const absl::Time now = clock_.WallNow();
  std::vector<std::pair<std::shared_ptr<AgentSession>, grpc::Status>> to_end;
  for (const auto& [key, peer] : peers_) {
    const ClusterView* const cluster = key.is_load_balancer() ? nullptr : registry_.Find(key.cluster);
    if (cluster != nullptr && now - cluster->nodes.at(key.host).last_heard_at > kSilence) {
      to_end.emplace_back(peer.session,
                          grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "nothing was heard from this agent"));
      continue;
    }
    if (const absl::Status welcome = callbacks_.still_welcome(peer.session->serial()); !welcome.ok()) {
      to_end.emplace_back(peer.session, ToGrpc(welcome));
      continue;
    }
    v1::CoordinatorMessage message;
    message.mutable_ping()->set_id(next_ping_id_++);
    peer.session->Send(std::move(message));
  }
  for (const auto& [session, why] : to_end) {
    session->Close(why);
    OnClosed(session);
  }
  core_.PostAfter(kHeartbeat, [this] { Heartbeat(); });
}

}  // namespace jettyfleet
