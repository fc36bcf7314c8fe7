#include "tests/simulation/sim_faults.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Result = v1::ActionResult;

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

absl::Duration DurationOf(const v1::Action& action) {
  if (action.has_freeze_unit()) return FromProto(action.freeze_unit().duration());
  if (action.has_blackhole_port()) return FromProto(action.blackhole_port().duration());
  return FromProto(action.partition_node().duration());
}

bool NeedsUnit(const v1::Action& action) {
  return action.has_stop_unit() || action.has_kill_unit() || action.has_freeze_unit() || action.has_blackhole_port();
}

}  // namespace

SimFaults::SimFaults(EventQueue* events, Chance* chance, History* history, SimCluster* cluster, std::string host,
                     const Trouble* trouble)
    : events_(events),
      chance_(chance),
      history_(history),
      cluster_(cluster),
      host_(std::move(host)),
      trouble_(trouble) {}

bool SimFaults::IsFault(const v1::Action& action) {
  return action.kind_case() >= v1::Action::kStopUnit && action.kind_case() <= v1::Action::kFenceNode;
}

void SimFaults::Carry(const v1::Action& action, const Hands& hands) {
  if (NeedsUnit(action) && cluster_->node(host_).unit != SimCluster::Unit::kActive) {
    return hands.done(Make(Result::OUTCOME_REFUSED, "the unit does not run"));
  }
  if (action.has_fence_node() && action.fence_node().node() == host_) {
    return hands.done(Make(Result::OUTCOME_REFUSED, "it is this host itself"));
  }
  hands.step(chance_->Between(absl::Milliseconds(40), absl::Milliseconds(400)), [this, action, hands] {
    const Result passed = Gate(action);
    if (passed.outcome() != Result::OUTCOME_DONE) return hands.done(passed);
    LeaseFor(action).id().empty() ? CarryOnce(action, hands) : CarryLeased(action, hands);
  });
}

Result SimFaults::Gate(const v1::Action& action) const {
  const SimCluster::Node& node = cluster_->node(host_);
  for (const auto& [id, entry] : node.cib) {
    if (entry.kind() != v1::CibEntryFact::KIND_LOCK || entry.operation_id() == action.operation_id()) continue;
    if (FromProto(entry.ends_at()) > LocalTime()) return Make(Result::OUTCOME_REFUSED, "another operation's lock");
  }
  if (!node.member || !cluster_->HasQuorum(host_)) return Make(Result::OUTCOME_REFUSED, "no quorum");
  if (!action.also_in_transition() && !cluster_->IsIdleFor(host_)) {
    Result refused = Make(Result::OUTCOME_REFUSED, "the cluster is in transition");
    refused.set_in_transition(true);
    return refused;
  }
  return Make(Result::OUTCOME_DONE);
}

v1::LeaseFact SimFaults::LeaseFor(const v1::Action& action) const {
  v1::LeaseFact lease;
  if (action.has_freeze_unit()) {
    lease.set_id(action.freeze_unit().lease_id());
    lease.set_kind("unit-freeze");
    lease.set_target(action.freeze_unit().unit());
  } else if (action.has_blackhole_port()) {
    lease.set_id(action.blackhole_port().lease_id());
    lease.set_kind("port-blackhole");
    lease.set_target(absl::StrCat(action.blackhole_port().unit(), ":", action.blackhole_port().port()));
  } else if (action.has_partition_node()) {
    lease.set_id(action.partition_node().lease_id());
    lease.set_kind("peer-partition");
    lease.set_target("the peers");
  }
  lease.set_operation_id(action.operation_id());
  return lease;
}

std::string SimFaults::WhyNotArmed(const v1::LeaseFact& wanted) const {
  for (const auto& [id, record] : records_) {
    if (id != wanted.id()) return absl::StrCat("this host is under another fault: ", id);
    if (record.lease.kind() != wanted.kind() || record.lease.target() != wanted.target()) return "that id is used";
    if (!ignores_lease_end && FromProto(record.lease.ends_at()) <= LocalTime()) return "too late: the lease has ended";
  }
  return "";
}

void SimFaults::CarryLeased(const v1::Action& action, const Hands& hands) {
  v1::LeaseFact lease = LeaseFor(action);
  const std::string why_not = WhyNotArmed(lease);
  if (!why_not.empty()) return hands.done(Make(Result::OUTCOME_REFUSED, why_not));
  if (const auto held = records_.find(lease.id()); held != records_.end()) {
    // Whoever asks again does not know what became of it.
    if (!held->second.timed) StartTimer(lease.id());
    return PutInForce(action, hands, lease.id());
  }
  *lease.mutable_armed_at() = ToProto(LocalTime());
  *lease.mutable_ends_at() = ToProto(LocalTime() + DurationOf(action));
  if (acts_before_record) {
    Force(action, lease.id());
    return hands.step(absl::Milliseconds(5), [this, action, lease, hands] { Arm(action, lease, hands); });
  }
  Arm(action, lease, hands);
}

void SimFaults::Arm(const v1::Action& action, const v1::LeaseFact& lease, const Hands& hands) {
  Write(lease);
  hands.step(chance_->Between(absl::Milliseconds(1), absl::Milliseconds(30)), [this, action, lease, hands] {
    if (!forgets_timer) StartTimer(lease.id());
    hands.step(chance_->Between(absl::Milliseconds(10), absl::Milliseconds(100)), [this, action, lease, hands] {
      if (FromProto(lease.ends_at()) <= LocalTime()) {
        End(lease.id(), /*may_fail=*/false);
        return hands.done(Make(Result::OUTCOME_REFUSED, "too late: the lease ended before the act"));
      }
      PutInForce(action, hands, lease.id());
    });
  });
}

void SimFaults::PutInForce(const v1::Action& action, const Hands& hands, const std::string& lease_id) {
  const absl::Time end = FromProto(records_.at(lease_id).lease.ends_at());
  const int boots = cluster_->node(host_).boots;
  // Freezing is a write of the agent's own; nft is a program that may outlive it.
  const bool by_program = !action.has_freeze_unit();
  const bool hangs = trouble_->act_hangs > 0 && chance_->Percent(trouble_->act_hangs);
  const bool fails = trouble_->act_fails > 0 && chance_->Percent(trouble_->act_fails);
  const bool has_effect = !(hangs || fails) || chance_->Percent(50);
  if (by_program && hangs) {
    if (has_effect) {
      events_->After(chance_->Between(absl::ZeroDuration(), hands.timeout), [this, action, lease_id, boots] {
        if (cluster_->node(host_).powered && cluster_->node(host_).boots == boots) Force(action, lease_id);
      });
    }
    // What would take it back has no time left either: the timer does.
    return hands.step(hands.timeout, [hands] { hands.done(Make(Result::OUTCOME_TIMED_OUT, "nft: killed")); });
  }
  const absl::Duration takes = chance_->Between(absl::Milliseconds(1), absl::Milliseconds(by_program ? 500 : 5));
  if (by_program && has_effect) {
    events_->After(takes, [this, action, lease_id, boots] {
      if (cluster_->node(host_).powered && cluster_->node(host_).boots == boots) Force(action, lease_id);
    });
  }
  hands.step(takes, [this, action, hands, lease_id, end, by_program, fails, has_effect] {
    if (!by_program && has_effect) Force(action, lease_id);
    if (!fails) return hands.done(DoneUntil(end));
    End(lease_id, /*may_fail=*/true);
    hands.done(Make(Result::OUTCOME_FAILED, "exit 1; it was taken back"));
  });
}

void SimFaults::CarryOnce(const v1::Action& action, const Hands& hands) {
  hands.note_begun();
  hands.step(chance_->Between(absl::Milliseconds(1), absl::Milliseconds(60)), [this, action, hands] {
    const bool fails = trouble_->act_fails > 0 && chance_->Percent(trouble_->act_fails);
    const bool hangs = trouble_->act_hangs > 0 && chance_->Percent(trouble_->act_hangs);
    const bool has_effect = !fails || chance_->Percent(50);
    if (action.has_fence_node() && hangs) {
      if (has_effect) cluster_->Fence(action.fence_node().node(), [] {});
      return hands.step(hands.timeout, [hands] { hands.done(Make(Result::OUTCOME_TIMED_OUT, "killed")); });
    }
    if (action.has_fence_node() && has_effect) {
      return cluster_->Fence(action.fence_node().node(), [hands, fails] {
        hands.step(absl::Milliseconds(20),
                   [hands, fails] { hands.done(Make(fails ? Result::OUTCOME_FAILED : Result::OUTCOME_DONE)); });
      });
    }
    if (has_effect) Hit(action);
    hands.step(absl::Milliseconds(5),
               [hands, fails] { hands.done(Make(fails ? Result::OUTCOME_FAILED : Result::OUTCOME_DONE)); });
  });
}

void SimFaults::Hit(const v1::Action& action) {
  cluster_->NoteHit(host_);
  if (action.has_stop_unit()) cluster_->StopUnit(host_);
  if (action.has_kill_unit()) cluster_->KillUnit(host_);
  if (action.has_kill_daemon()) cluster_->KillDaemon(host_, action.kill_daemon().daemon());
}

Result SimFaults::LookAtLeftovers(const v1::LookAtLeftovers& look) const {
  Result result = Make(Result::OUTCOME_DONE);
  v1::Leftovers* const left = result.mutable_leftovers();
  *left->mutable_observed_at() = ToProto(LocalTime());
  bool frozen = false;
  for (const auto& [lease, kind] : forced_) {
    if (kind == "unit-freeze") {
      frozen = true;
    } else {
      left->mutable_packet_filter_tables()->add_names(lease);
    }
  }
  for (const auto& [lease, record] : records_) {
    if (record.timed) left->mutable_lease_units()->add_names(absl::StrCat(lease, ".timer"));
  }
  for (const std::string& unit : look.units()) {
    v1::StandstillFact* const standstill = left->add_standstills();
    standstill->set_unit(unit);
    standstill->set_stands_still(frozen ? v1::ANSWER_YES : v1::ANSWER_NO);
  }
  left->add_core_dumps()->set_directory("/var/lib/systemd/coredump");
  v1::DiskSpaceFact* const disk = left->add_disks();
  disk->set_what("var");
  disk->set_path("/var");
  disk->set_free_bytes(uint64_t{8} << 30);
  disk->set_total_bytes(uint64_t{16} << 30);
  return result;
}

Result SimFaults::LookAtMeans() const {
  Result result = Make(Result::OUTCOME_DONE);
  v1::FaultMeans& means = *result.mutable_fault_means();
  means.mutable_packet_filter()->set_available(v1::ANSWER_YES);
  means.mutable_freezer()->set_available(v1::ANSWER_YES);
  means.mutable_starts_at_boot()->set_available(v1::ANSWER_YES);
  means.mutable_fencing()->set_available(cluster_->node(host_).member ? v1::ANSWER_YES : v1::ANSWER_UNSPECIFIED);
  for (const auto& [name, node] : cluster_->nodes()) {
    if (name != host_) means.add_peers(absl::StrCat("192.0.2.", name.substr(name.size() - 1)));
  }
  return result;
}

}  // namespace jettyfleet
