#include "tests/simulation/sim_agent.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Result = v1::ActionResult;

constexpr char kLockId[] = "jettyfleet-lock";

Result Make(Result::Outcome outcome, std::string message = "") {
  Result result;
  result.set_outcome(outcome);
  result.set_message(std::move(message));
  return result;
}

Result DoneUntil(absl::Time end) {
  Result result = Make(Result::OUTCOME_DONE);
  *result.mutable_lease_ends_at() = ToProto(end);
  return result;
}

}  // namespace

SimAgent::SimAgent(EventQueue* events, Chance* chance, History* history, SimCluster* cluster, SimBalancer* balancer,
                   std::string host, const Trouble* trouble)
    : events_(events),
      chance_(chance),
      history_(history),
      cluster_(cluster),
      balancer_(balancer),
      host_(std::move(host)),
      trouble_(trouble) {}

absl::Time SimAgent::LocalTime() const { return is_balancer() ? balancer_->LocalTime() : cluster_->LocalTime(host_); }

absl::Duration SimAgent::Delay() {
  const absl::Duration usual = chance_->Between(absl::Milliseconds(1), absl::Milliseconds(12));
  return chance_->Percent(trouble_->message_late) ? usual + chance_->Between(absl::Milliseconds(500), absl::Seconds(7))
                                                  : usual;
}

void SimAgent::SetPeer(AgentsPeer* peer) {
  Disconnect();
  peer_ = peer;
  if (peer != nullptr) Dial(chance_->Between(absl::Milliseconds(50), absl::Milliseconds(900)));
}

void SimAgent::Dial(absl::Duration delay) {
  const uint64_t stream = stream_;
  events_->After(delay, [this, stream] {
    if (stream != stream_ || connected_ || !powered_ || peer_ == nullptr) return;
    connected_ = true;
    last_down_ = last_up_ = events_->WallNow();
    peer_->OnConnected(host_, process_);
    v1::AgentMessage snapshot;
    *snapshot.mutable_snapshot() = Snapshot();
    SendUp(std::move(snapshot));
  });
}

void SimAgent::Disconnect() {
  ++stream_;
  if (!connected_) return;
  connected_ = false;
  if (peer_ != nullptr) peer_->OnDisconnected(host_);
}

void SimAgent::BreakStream(absl::Duration down) {
  Disconnect();
  Dial(down);
}

void SimAgent::Restart(absl::Duration down) {
  if (!powered_) return;
  ++process_;
  running_.clear();
  BreakStream(down);
}

void SimAgent::PowerOff() {
  powered_ = false;
  ++process_;
  running_.clear();
  Disconnect();
}

void SimAgent::PowerOn() {
  powered_ = true;
  Dial(chance_->Between(absl::Milliseconds(200), absl::Seconds(2)));
}

void SimAgent::SendUp(v1::AgentMessage message) {
  if (!connected_) return;
  if (message.has_result() && chance_->Percent(trouble_->message_lost)) return;
  const uint64_t stream = stream_;
  last_up_ = std::max(last_up_, events_->WallNow() + Delay());
  const int copies = message.has_result() && chance_->Percent(trouble_->message_doubled) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    events_->At(last_up_, [this, stream, message] {
      if (stream == stream_ && connected_ && peer_ != nullptr) peer_->OnMessage(host_, message);
    });
  }
}

void SimAgent::Receive(const v1::CoordinatorMessage& message) {
  if (!connected_) return;
  if (message.has_action() && chance_->Percent(trouble_->message_lost)) return;
  const uint64_t stream = stream_;
  last_down_ = std::max(last_down_, events_->WallNow() + Delay());
  const int copies = message.has_action() && chance_->Percent(trouble_->message_doubled) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const absl::Duration again =
        i == 0 ? absl::ZeroDuration() : chance_->Between(absl::Milliseconds(1), absl::Seconds(4));
    events_->At(last_down_ + again, [this, stream, message] {
      if (stream != stream_ || !connected_) return;
      if (message.has_action()) Act(message.action());
      if (message.has_observe()) Observe(message.observe());
    });
  }
}

v1::HostReport SimAgent::Snapshot() const {
  v1::HostReport report;
  if (is_balancer()) {
    for (const v1::LbServerFact& fact : balancer_->ReadServers()) *report.add_lb_servers() = fact;
    for (const v1::LeaseFact& fact : balancer_->ReadLeases()) *report.add_leases() = fact;
    return report;
  }
  *report.add_units() = cluster_->ReadUnit(host_);
  *report.add_ports() = cluster_->ReadPort(host_);
  *report.add_http() = cluster_->ReadHttp(host_);
  *report.mutable_cluster() = cluster_->ReadCluster(host_);
  *report.mutable_cib() = cluster_->ReadCib(host_);
  return report;
}

void SimAgent::OnUnitChanged() {
  v1::AgentMessage message;
  *message.mutable_change()->add_units() = cluster_->ReadUnit(host_);
  *message.mutable_change()->add_ports() = cluster_->ReadPort(host_);
  SendUp(std::move(message));
}

void SimAgent::Observe(const v1::Observe& observe) {
  const uint64_t process = process_;
  const absl::Duration takes = observe.cluster() ? absl::Milliseconds(40) : absl::Milliseconds(5);
  events_->After(takes, [this, process, observe] {
    if (process != process_) return;
    v1::AgentMessage message;
    v1::HostChange* change = message.mutable_change();
    if (is_balancer()) {
      for (const v1::LbServerFact& fact : balancer_->ReadServers()) *change->add_lb_servers() = fact;
      change->set_leases_changed(true);
      for (const v1::LeaseFact& fact : balancer_->ReadLeases()) *change->add_leases() = fact;
    } else {
      if (observe.cluster()) *change->mutable_cluster() = cluster_->ReadCluster(host_);
      if (observe.cib()) *change->mutable_cib() = cluster_->ReadCib(host_);
      if (observe.units()) *change->add_units() = cluster_->ReadUnit(host_);
      if (observe.units()) *change->add_ports() = cluster_->ReadPort(host_);
      if (observe.http()) *change->add_http() = cluster_->ReadHttp(host_);
    }
    SendUp(std::move(message));
    v1::AgentMessage done;
    done.mutable_observe_done()->set_id(observe.id());
    SendUp(std::move(done));
  });
}

bool SimAgent::Refuse(const v1::Action& action, Result* result) {
  if (action.epoch() < highest_epoch_ && !ignores_epoch) {
    *result = Make(Result::OUTCOME_REFUSED, "stale epoch");
    return true;
  }
  if (action.has_not_after() && LocalTime() > FromProto(action.not_after()) && !ignores_not_after) {
    *result = Make(Result::OUTCOME_REFUSED, "too late");
    return true;
  }
  const bool only_looks = action.has_look_at_leftovers() || action.has_predict_transition();
  if (!action.has_set_lb_server() && !only_looks && !cluster_->HasQuorum(host_)) {
    *result = Make(Result::OUTCOME_REFUSED, "no quorum");
    return true;
  }
  return false;
}

bool SimAgent::HoldsLock(const std::string& operation_id) const {
  if (is_balancer()) return false;
  const auto& cib = cluster_->node(host_).cib;
  const auto lock = cib.find(kLockId);
  return lock != cib.end() && lock->second.operation_id() == operation_id &&
         FromProto(lock->second.ends_at()) > LocalTime();
}

void SimAgent::Act(const v1::Action& action) {
  if (const auto done = done_.find(action.id()); done != done_.end()) {
    v1::AgentMessage message;
    *message.mutable_result() = done->second;
    return SendUp(std::move(message));
  }
  if (!running_.insert(action.id()).second) return;
  const absl::Time began = LocalTime();
  Result refused;
  if (Refuse(action, &refused)) return Answer(action, refused, began);
  HistoryEvent& event = history_->Add(events_->WallNow(), HistoryEvent::kBegun);
  event.action = action;
  event.host = host_;
  event.local = began;
  event.highest_epoch = highest_epoch_;
  event.locked = HoldsLock(action.operation_id());
  highest_epoch_ = std::max(highest_epoch_, action.epoch());

  const uint64_t process = process_;
  const absl::Duration timeout = FromProto(action.timeout());
  if (chance_->Percent(trouble_->act_hangs)) {
    // The tool may have had its effect before it hung.
    if (chance_->Percent(50)) {
      events_->After(chance_->Between(absl::Milliseconds(50), timeout), [this, process, action, began] {
        if (powered_ && process == process_) Effect(action, began);
      });
    }
    events_->After(timeout, [this, process, action, began] {
      if (process == process_) Answer(action, Make(Result::OUTCOME_TIMED_OUT, "killed at its deadline"), began);
    });
    return;
  }
  const bool fails = chance_->Percent(trouble_->act_fails);
  const bool has_effect = !fails || chance_->Percent(50);
  const absl::Duration takes = action.has_set_lb_server() || action.has_look_at_leftovers()
                                   ? chance_->Between(absl::Milliseconds(2), absl::Milliseconds(20))
                                   : chance_->Between(absl::Milliseconds(50), absl::Milliseconds(900));
  events_->After(takes, [this, process, action, began, fails, has_effect] {
    if (!powered_) return;
    // A tool that was started outlives the agent that started it, as often as not.
    if (process != process_ && chance_->Percent(50)) return;
    Result result;
    if (has_effect) result = Effect(action, began);
    if (process != process_) return;
    if (fails) result = Make(Result::OUTCOME_FAILED, "exit 1");
    Answer(action, result, began);
  });
}

void SimAgent::Answer(const v1::Action& action, Result result, absl::Time began) {
  result.set_action_id(action.id());
  *result.mutable_began_at() = ToProto(began);
  *result.mutable_ended_at() = ToProto(LocalTime());
  running_.erase(action.id());
  done_[action.id()] = result;
  v1::AgentMessage message;
  *message.mutable_result() = std::move(result);
  SendUp(std::move(message));
}

Result SimAgent::HoldOut(const v1::Action& action, absl::Time began) {
  const bool evict = action.has_evict_node();
  const std::string id = evict ? action.evict_node().lease_id() : action.standby_node().lease_id();
  const auto& cib = cluster_->node(host_).cib;
  const auto lock = cib.find(kLockId);
  if (lock != cib.end() && lock->second.operation_id() != action.operation_id() &&
      FromProto(lock->second.ends_at()) > LocalTime()) {
    return Make(Result::OUTCOME_REFUSED, "another operation holds the lock");
  }
  if (const auto taken = cib.find(id); taken != cib.end()) {
    if (FromProto(taken->second.ends_at()) <= LocalTime()) return Make(Result::OUTCOME_REFUSED, "the lease is over");
    return DoneUntil(FromProto(taken->second.ends_at()));
  }
  v1::CibEntryFact entry;
  entry.set_kind(evict ? v1::CibEntryFact::KIND_EVICT_RULE : v1::CibEntryFact::KIND_STANDBY_SET);
  entry.set_id(id);
  entry.set_node(evict ? action.evict_node().node() : action.standby_node().node());
  entry.set_operation_id(action.operation_id());
  const absl::Time end = began + FromProto(evict ? action.evict_node().duration() : action.standby_node().duration());
  *entry.mutable_ends_at() = ToProto(end);
  cluster_->PutEntry(host_, entry);
  return DoneUntil(end);
}

Result SimAgent::TakeLock(const v1::Action& action, absl::Time began) {
  const bool renews = action.has_renew_lock();
  const std::string holder = renews ? action.renew_lock().holder() : action.acquire_lock().holder();
  const auto& cib = cluster_->node(host_).cib;
  const auto found = cib.find(kLockId);
  const bool ours =
      found != cib.end() && found->second.holder() == holder && found->second.operation_id() == action.operation_id();
  if (renews && !ours) return Make(Result::OUTCOME_REFUSED, "the lock is gone from the CIB");
  if (!renews && found != cib.end() && !ours && FromProto(found->second.ends_at()) > LocalTime()) {
    Result result = Make(Result::OUTCOME_REFUSED, "another operation is running");
    *result.mutable_lock() = found->second;
    return result;
  }
  v1::CibEntryFact lock;
  lock.set_kind(v1::CibEntryFact::KIND_LOCK);
  lock.set_id(kLockId);
  lock.set_holder(holder);
  lock.set_epoch(action.epoch());
  lock.set_operation_id(action.operation_id());
  const absl::Time end = began + FromProto(renews ? action.renew_lock().duration() : action.acquire_lock().duration());
  *lock.mutable_ends_at() = ToProto(end);
  cluster_->PutEntry(host_, lock);
  return DoneUntil(end);
}

Result SimAgent::Leftovers(const v1::LookAtLeftovers& look) const {
  Result result = Make(Result::OUTCOME_DONE);
  v1::Leftovers* const left = result.mutable_leftovers();
  *left->mutable_observed_at() = ToProto(LocalTime());
  for (const std::string& unit : look.units()) {
    left->add_standstills()->set_unit(unit);
    left->mutable_standstills()->rbegin()->set_stands_still(v1::ANSWER_NO);
  }
  left->add_core_dumps()->set_directory("/var/lib/systemd/coredump");
  v1::DiskSpaceFact* const disk = left->add_disks();
  disk->set_what("var");
  disk->set_path("/var");
  disk->set_free_bytes(uint64_t{8} << 30);
  disk->set_total_bytes(uint64_t{16} << 30);
  return result;
}

Result SimAgent::Effect(const v1::Action& action, absl::Time began) {
  switch (action.kind_case()) {
    case v1::Action::kAcquireLock:
    case v1::Action::kRenewLock:
      return TakeLock(action, began);
    case v1::Action::kReleaseLock: {
      const auto& cib = cluster_->node(host_).cib;
      const auto lock = cib.find(kLockId);
      if (lock != cib.end() && lock->second.holder() == action.release_lock().holder()) {
        cluster_->RemoveEntry(host_, kLockId);
      }
      return Make(Result::OUTCOME_DONE);
    }
    case v1::Action::kEvictNode:
    case v1::Action::kStandbyNode:
      return HoldOut(action, began);
    case v1::Action::kRemoveCibLease:
      cluster_->RemoveEntry(host_, action.remove_cib_lease().lease_id());
      return Make(Result::OUTCOME_DONE);
    case v1::Action::kSetLbServer: {
      const v1::SetLbServer& set = action.set_lb_server();
      if (set.state() == v1::LbServerFact::ADMIN_STATE_READY) {
        balancer_->Release(set.server());
        return Make(Result::OUTCOME_DONE);
      }
      return DoneUntil(
          balancer_->Hold(set.server(), set.state(), set.lease_id(), action.operation_id(), FromProto(set.duration())));
    }
    case v1::Action::kLookAtLeftovers:
      return Leftovers(action.look_at_leftovers());
    case v1::Action::kPredictTransition: {
      Result result = Make(Result::OUTCOME_DONE);
      result.add_predictions()->set_error("the simulated cluster predicts nothing");
      return result;
    }
    default:  // no operation sends anything else
      break;
  }
  return Make(Result::OUTCOME_UNIMPLEMENTED, "not simulated");
}

}  // namespace jettyfleet
