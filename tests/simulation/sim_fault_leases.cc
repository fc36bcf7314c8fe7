// The part of SimFaults that outlives the agent: records, timers, what is in force, and its end.
#include <utility>

#include "common/proto_time.h"
#include "tests/simulation/sim_faults.h"

namespace jettyfleet {
namespace {

using Result = v1::ActionResult;

constexpr absl::Duration kAccuracy = absl::Milliseconds(100);  // of the timer
constexpr absl::Duration kUndoAgain = absl::Seconds(2);        // how the timer repeats the one-shot
constexpr absl::Duration kSweepGrace = absl::Seconds(3);

}  // namespace

void SimFaults::Write(const v1::LeaseFact& lease) {
  records_[lease.id()] = {lease, cluster_->node(host_).boots, /*timed=*/false};
  if (sweep_after) sweep_after(FromProto(lease.ends_at()) - LocalTime() + kSweepGrace);
  if (on_leases_changed) on_leases_changed();
}

void SimFaults::StartTimer(const std::string& lease_id) {
  Record& record = records_.at(lease_id);
  record.timed = true;
  const absl::Time end = FromProto(record.lease.ends_at());
  const absl::Time fires = cluster_->node(host_).clock.When(end) + chance_->Between(absl::ZeroDuration(), kAccuracy);
  events_->At(fires, [this, lease_id, end, boots = record.boots] { TimerFires(lease_id, end, boots); });
}

void SimFaults::TimerFires(const std::string& lease_id, absl::Time end, int boots) {
  const auto record = records_.find(lease_id);
  if (record == records_.end() || FromProto(record->second.lease.ends_at()) != end) return;
  const SimCluster::Node& node = cluster_->node(host_);
  if (!node.powered || node.boots != boots) return;
  if (End(lease_id, /*may_fail=*/true)) return;
  events_->After(kUndoAgain, [this, lease_id, end, boots] { TimerFires(lease_id, end, boots); });
}

void SimFaults::Force(const v1::Action& action, const std::string& lease_id) {
  const auto record = records_.find(lease_id);
  HistoryEvent& event = history_->Add(events_->WallNow(), HistoryEvent::kInForce, lease_id);
  event.host = host_;
  event.armed = record != records_.end();
  event.local = LocalTime();
  event.ends = event.armed ? FromProto(record->second.lease.ends_at()) : absl::InfiniteFuture();
  event.over_by = event.armed ? cluster_->node(host_).clock.When(event.ends) : absl::InfiniteFuture();
  forced_[lease_id] = LeaseFor(action).kind();
  cluster_->NoteHit(host_);
  if (action.has_freeze_unit()) cluster_->Freeze(host_);
  if (action.has_blackhole_port()) cluster_->DropPort(host_, true);
  if (action.has_partition_node()) cluster_->CutOff(host_);
}

void SimFaults::LiftForce(const std::string& lease_id) {
  const auto forced = forced_.find(lease_id);
  if (forced == forced_.end()) return;
  const std::string kind = forced->second;
  forced_.erase(forced);
  history_->Add(events_->WallNow(), HistoryEvent::kLifted, lease_id).host = host_;
  if (kind == "unit-freeze") cluster_->Thaw(host_);
  if (kind == "port-blackhole") cluster_->DropPort(host_, false);
  if (kind == "peer-partition") cluster_->LetPeersIn(host_);
}

bool SimFaults::End(const std::string& lease_id, bool may_fail) {
  if (may_fail && trouble_->undo_fails > 0 && chance_->Percent(trouble_->undo_fails)) return false;
  if (!undo_only_forgets) LiftForce(lease_id);
  if (records_.erase(lease_id) > 0 && on_leases_changed) on_leases_changed();
  return true;
}

Result SimFaults::Undo(const std::string& lease_id) {
  Result result;
  result.set_outcome(Result::OUTCOME_DONE);
  if (records_.count(lease_id) == 0 || End(lease_id, /*may_fail=*/true)) return result;
  result.set_outcome(Result::OUTCOME_FAILED);
  result.set_message("exit 1; its timer will try again");
  return result;
}

std::vector<v1::LeaseFact> SimFaults::Leases() const {
  std::vector<v1::LeaseFact> leases;
  for (const auto& [id, record] : records_) leases.push_back(record.lease);
  return leases;
}

void SimFaults::Sweep() {
  const std::map<std::string, Record> records = records_;
  for (const auto& [id, record] : records) {
    const absl::Duration left = FromProto(record.lease.ends_at()) + kSweepGrace - LocalTime();
    const bool booted = record.boots != cluster_->node(host_).boots;
    if (left > absl::ZeroDuration() && !booted) {
      sweep_after(left);
    } else if (!End(id, /*may_fail=*/true)) {
      sweep_after(kSweepGrace);
    }
  }
}

void SimFaults::PowerOff() {
  for (const auto& [id, kind] : forced_) history_->Add(events_->WallNow(), HistoryEvent::kLifted, id).host = host_;
  forced_.clear();
}

void SimFaults::Boot() { records_.clear(); }

}  // namespace jettyfleet
