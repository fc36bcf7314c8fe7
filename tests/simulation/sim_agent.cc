#include "tests/simulation/sim_agent.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Result = v1::ActionResult;

constexpr char kLockId[] = "jettyfleet-lock";
constexpr absl::Duration kFirstSweep = absl::Seconds(5);

Result Make(Result::Outcome outcome, std::string message = "") {
  Result result;
  result.set_outcome(outcome);
  result.set_message(std::move(message));
  return result;
}

bool OnlyLooks(const v1::Action& action) {
  return action.has_look_at_fault_means() || action.has_look_at_leftovers() || action.has_predict_transition();
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
      trouble_(trouble),
      faults_(events, chance, history, cluster, host_, trouble) {
  faults_.on_leases_changed = [this] {
    v1::AgentMessage message;
    message.mutable_change()->set_leases_changed(true);
    for (const v1::LeaseFact& lease : faults_.Leases()) *message.mutable_change()->add_leases() = lease;
    SendUp(std::move(message));
  };
  faults_.sweep_after = [this](absl::Duration delay) { SoonSweep(delay); };
}

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
  waiting_.clear();
  busy_ = false;
  BreakStream(down);
  if (faults_.HasRecords()) SoonSweep(down + kFirstSweep);
}

void SimAgent::PowerOff() {
  powered_ = false;
  ++process_;
  running_.clear();
  waiting_.clear();
  busy_ = false;
  faults_.PowerOff();
  Disconnect();
}

void SimAgent::PowerOn() {
  powered_ = true;
  faults_.Boot();
  Dial(chance_->Between(absl::Milliseconds(200), absl::Seconds(2)));
}

void SimAgent::SoonSweep(absl::Duration delay) {
  const uint64_t process = process_;
  events_->After(delay, [this, process] {
    if (powered_ && process == process_) faults_.Sweep();
  });
}

bool SimAgent::Dies() {
  if (trouble_->agent_dies == 0 || !chance_->Percent(trouble_->agent_dies)) return false;
  history_->Add(events_->WallNow(), HistoryEvent::kFault, absl::StrCat("the agent on ", host_, " dies during an act"));
  Restart(chance_->Between(absl::Milliseconds(100), absl::Seconds(5)));
  return true;
}

void SimAgent::Step(absl::Duration delay, std::function<void()> next) {
  if (Dies()) return;
  const uint64_t process = process_;
  events_->After(delay, [this, process, next = std::move(next)] {
    if (powered_ && process == process_) next();
  });
}

void SimAgent::SendUp(v1::AgentMessage message) { SendUp(std::move(message), v1::AgentMessage()); }

void SimAgent::SendUp(v1::AgentMessage message, v1::AgentMessage follows) {
  if (!connected_) return;
  if (message.has_result() && chance_->Percent(trouble_->message_lost)) return;
  const uint64_t stream = stream_;
  last_up_ = std::max(last_up_, events_->WallNow() + Delay());
  const int copies = message.has_result() && chance_->Percent(trouble_->message_doubled) ? 2 : 1;
  const auto both =
      std::make_shared<const std::pair<v1::AgentMessage, v1::AgentMessage>>(std::move(message), std::move(follows));
  for (int i = 0; i < copies; ++i) {
    events_->At(last_up_, [this, stream, both] {
      const auto heard = [this, stream] { return stream == stream_ && connected_ && peer_ != nullptr; };
      if (heard()) peer_->OnMessage(host_, both->first);
      if (heard() && both->second.kind_case() != v1::AgentMessage::KIND_NOT_SET) peer_->OnMessage(host_, both->second);
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
  for (const v1::LeaseFact& lease : faults_.Leases()) *report.add_leases() = lease;
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
    v1::AgentMessage done;
    done.mutable_observe_done()->set_id(observe.id());
    SendUp(std::move(message), std::move(done));
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
  const bool on_this_host = action.has_set_lb_server() || action.has_undo_fault() || OnlyLooks(action);
  if (on_this_host || SimFaults::IsFault(action)) return false;
  if (!cluster_->HasQuorum(host_)) {
    *result = Make(Result::OUTCOME_REFUSED, "no quorum");
    return true;
  }
  if (action.has_cleanup_resource() && !action.also_in_transition() && !cluster_->IsIdleFor(host_)) {
    *result = Make(Result::OUTCOME_REFUSED, "the cluster is in transition");
    result->set_in_transition(true);
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
  const auto done = done_.find(action.id());
  if (done != done_.end() && running_.count(action.id()) == 0) {
    v1::AgentMessage message;
    *message.mutable_result() = done->second;
    return SendUp(std::move(message));
  }
  if (!running_.insert(action.id()).second) return;
  const Job job{action, LocalTime(), events_->WallNow() + FromProto(action.timeout())};
  Result refused;
  if (Refuse(action, &refused)) return Answer(action, refused, job.began);
  if (OnlyLooks(action)) {
    highest_epoch_ = std::max(highest_epoch_, action.epoch());
    return Step(chance_->Between(absl::Milliseconds(50), absl::Milliseconds(400)),
                [this, job] { Answer(job.action, Look(job.action), job.began); });
  }
  waiting_.push_back(job);
  StartNext();
}

void SimAgent::StartNext() {
  if (busy_ || waiting_.empty()) return;
  busy_ = true;
  const Job job = waiting_.front();
  waiting_.pop_front();
  Result refused = Make(Result::OUTCOME_REFUSED, "its time was over while another action was under way");
  if (events_->WallNow() < job.until && !Refuse(job.action, &refused)) return Carry(job);
  busy_ = false;
  Answer(job.action, refused, job.began);
}

void SimAgent::Carry(const Job& job) {
  const v1::Action& action = job.action;
  HistoryEvent& event = history_->Add(events_->WallNow(), HistoryEvent::kBegun);
  event.action = action;
  event.host = host_;
  event.local = LocalTime();
  event.highest_epoch = highest_epoch_;
  event.locked = HoldsLock(action.operation_id());
  highest_epoch_ = std::max(highest_epoch_, action.epoch());
  if (SimFaults::IsFault(action)) return CarryFault(job);

  const uint64_t process = process_;
  const absl::Duration left = job.until - events_->WallNow();
  if (chance_->Percent(trouble_->act_hangs)) {
    // The tool may have had its effect before it hung.
    if (chance_->Percent(50)) {
      events_->After(chance_->Between(std::min(left, absl::Milliseconds(50)), left), [this, process, job] {
        if (powered_ && process == process_) Effect(job.action, job.began);
      });
    }
    return Step(left, [this, job] {
      busy_ = false;
      Answer(job.action, Make(Result::OUTCOME_TIMED_OUT, "killed at its deadline"), job.began);
    });
  }
  const bool fails = chance_->Percent(trouble_->act_fails);
  const bool has_effect = !fails || chance_->Percent(50);
  const absl::Duration takes = action.has_set_lb_server() || action.has_undo_fault()
                                   ? chance_->Between(absl::Milliseconds(2), absl::Milliseconds(20))
                                   : chance_->Between(absl::Milliseconds(50), absl::Milliseconds(900));
  events_->After(takes, [this, process, job, fails, has_effect] {
    if (!powered_) return;
    // A tool that was started outlives the agent that started it, as often as not.
    if (process != process_ && chance_->Percent(50)) return;
    Result result;
    if (has_effect) result = Effect(job.action, job.began);
    if (process != process_ || Dies()) return;
    if (fails) result = Make(Result::OUTCOME_FAILED, "exit 1");
    busy_ = false;
    Answer(job.action, result, job.began);
  });
  Dies();
}

void SimAgent::CarryFault(const Job& job) {
  const uint64_t process = process_;
  SimFaults::Hands hands;
  hands.step = [this](absl::Duration delay, std::function<void()> next) { Step(delay, std::move(next)); };
  hands.note_begun = [this, job] {
    Result unknown = Make(Result::OUTCOME_FAILED, "the agent ended while this was under way");
    unknown.set_action_id(job.action.id());
    *unknown.mutable_began_at() = *unknown.mutable_ended_at() = ToProto(job.began);
    done_[job.action.id()] = unknown;
  };
  hands.timeout = job.until - events_->WallNow();
  hands.done = [this, job, process](Result result) {
    if (process != process_) return;
    busy_ = false;
    Answer(job.action, std::move(result), job.began);
  };
  faults_.Carry(job.action, hands);
}

void SimAgent::Answer(const v1::Action& action, Result result, absl::Time began) {
  result.set_action_id(action.id());
  *result.mutable_began_at() = ToProto(began);
  *result.mutable_ended_at() = ToProto(LocalTime());
  running_.erase(action.id());
  if (result.outcome() != Result::OUTCOME_REFUSED) done_[action.id()] = result;
  const uint64_t process = process_;
  // On disk, and not yet sent.
  Dies();
  if (process == process_) {
    v1::AgentMessage message;
    *message.mutable_result() = std::move(result);
    SendUp(std::move(message));
  }
  StartNext();
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

Result SimAgent::Look(const v1::Action& action) const {
  if (action.has_look_at_fault_means()) return faults_.LookAtMeans();
  if (action.has_look_at_leftovers()) return faults_.LookAtLeftovers(action.look_at_leftovers());
  Result result = Make(Result::OUTCOME_DONE);
  result.add_predictions()->set_error("the simulated cluster predicts nothing");
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
    case v1::Action::kUndoFault:
      return faults_.Undo(action.undo_fault().lease_id());
    case v1::Action::kCleanupResource:
      cluster_->CleanUp(host_, action.cleanup_resource().node());
      return Make(Result::OUTCOME_DONE);
    default:  // no operation sends anything else
      break;
  }
  return Make(Result::OUTCOME_UNIMPLEMENTED, "not simulated");
}

}  // namespace jettyfleet
