#include "coordinator/rolling/lock.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

using Result = v1::ActionResult;

std::string AcquirePurpose(const Operation& op) { return absl::StrCat(op.id, "/lock/acquire"); }
std::string RenewPurpose(const Operation& op) { return absl::StrCat(op.id, "/lock/renew"); }
std::string ReleasePurpose(const Operation& op) { return absl::StrCat(op.id, "/lock/release"); }

std::string HeldBy(const v1::CibEntryFact& lock) {
  return absl::StrCat("operation ", lock.operation_id(), " of coordinator ", lock.holder(), " holds the lock until ",
                      absl::FormatTime("%Y-%m-%d %H:%M:%SZ", FromProto(lock.ends_at()), absl::UTCTimeZone()),
                      "; wait for it to end or abort it");
}

bool IsOurs(const v1::CibEntryFact& lock, const Desk& desk) {
  return lock.holder() == desk.view.coordinator_uuid && lock.operation_id() == desk.op.id;
}

void Acquire(const HostView& dc, Desk* desk) {
  v1::Action action;
  action.mutable_acquire_lock()->set_holder(desk->view.coordinator_uuid);
  *action.mutable_acquire_lock()->mutable_duration() = ToProto(kLockDuration);
  desk->Act(dc.host, "", AcquirePurpose(desk->op), action, kCibActionTimeout);
}

void Renew(const HostView& dc, Desk* desk) {
  v1::Action action;
  action.mutable_renew_lock()->set_holder(desk->view.coordinator_uuid);
  *action.mutable_renew_lock()->mutable_duration() = ToProto(kLockDuration);
  desk->Act(dc.host, "", RenewPurpose(desk->op), action, kCibActionTimeout);
}

// Waits for a DC with quorum whose facts are recent; nullptr until then.
const HostView* AwaitDc(Desk* desk) {
  const absl::Time since = std::max(desk->op.began_at, desk->op.resumed_at);
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll, since);
  const HostView* dc = DcView(desk->view);
  if (dc != nullptr && dc->fresh.cluster >= since) return dc;
  const absl::Time deadline = since + FromProto(desk->op.spec.gate_deadline());
  if (desk->now >= deadline) {
    desk->Stop(v1::StopRequested::CAUSE_GATE,
               absl::StrCat("no DC with quorum was heard in ", absl::FormatDuration(desk->now - since),
                            "; see 'jettyfleet status' for which agents are connected"));
  }
  desk->WakeAt(deadline);
  return nullptr;
}

// The outcome of the last attempt is unknown: what stands in the CIB decides.
void LookForLock(const IssuedAction& last, int attempts, Desk* desk) {
  const HostView* dc = AwaitDc(desk);
  if (dc == nullptr) return;
  const absl::Time since = std::max(last.ended_at, desk->op.resumed_at);
  desk->Ask(*dc, Desk::Fact::kCib, kGatePoll, since);
  if (dc->fresh.cib < since || !dc->report.cib().error().empty()) return;
  const v1::CibEntryFact* lock = FindLock(*dc);
  if (lock != nullptr && !IsOurs(*lock, *desk)) {
    desk->Stop(v1::StopRequested::CAUSE_GATE, HeldBy(*lock));
  } else if (attempts >= kForwardAttempts) {
    desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
               absl::StrCat("the agent on ", last.host, " did not answer ", attempts,
                            " attempts at the lock; check that agent"));
  } else if (lock != nullptr) {
    Renew(*dc, desk);
  } else {
    Acquire(*dc, desk);
  }
}

// After a refused renewal the CIB decides: an agent refuses where the lock is gone, but also where it was busy with
// another act for longer than the renewal was good for. False: it has been stopped.
bool StillStands(const IssuedAction& refused, Desk* desk) {
  const HostView* dc = DcView(desk->view);
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll, refused.ended_at);
  // That it was not seen in time is said by the lock's own end.
  if (dc == nullptr) return true;
  desk->Ask(*dc, Desk::Fact::kCib, kGatePoll, refused.ended_at);
  if (dc->fresh.cib < refused.ended_at || !dc->report.cib().error().empty()) return true;
  const v1::CibEntryFact* const lock = FindLock(*dc);
  if (lock != nullptr && IsOurs(*lock, *desk)) return true;
  desk->Stop(v1::StopRequested::CAUSE_CLUSTER, absl::StrCat("the cluster's lock is lost: ", refused.result.message()));
  return false;
}

}  // namespace

LockState JudgeLock(const Operation& operation) {
  LockState state;
  for (const IssuedAction& action : operation.actions) {
    if (action.action.has_release_lock() && action.Answered(Result::OUTCOME_DONE)) state = LockState();
    if (!action.action.has_acquire_lock() && !action.action.has_renew_lock()) continue;
    if (action.Answered(Result::OUTCOME_REFUSED) || action.Answered(Result::OUTCOME_UNIMPLEMENTED)) continue;
    state.may_stand = true;
    state.latest_end = std::max(
        state.latest_end, FromProto(action.action.not_after()) + FromProto(action.action.timeout()) + kLockDuration);
    if (!action.Answered(Result::OUTCOME_DONE)) continue;
    state.held = true;
    state.earliest_end = std::max(state.earliest_end, action.issued_at + kLockDuration);
  }
  return state;
}

void TakeLock(Desk* desk) {
  const IssuedAction* last = nullptr;
  int attempts = 0;
  for (const IssuedAction& action : desk->op.actions) {
    if (!action.action.has_acquire_lock() && !action.action.has_renew_lock()) continue;
    last = &action;
    ++attempts;
  }
  if (last == nullptr) {
    if (const HostView* dc = AwaitDc(desk)) Acquire(*dc, desk);
    return;
  }
  if (!last->ended) return;  // its answer, or its deadline, wakes the operation
  if (last->unanswered) return LookForLock(*last, attempts, desk);
  const std::string who = last->result.has_lock() ? HeldBy(last->result.lock()) : last->result.message();
  desk->Stop(
      last->Answered(Result::OUTCOME_REFUSED) ? v1::StopRequested::CAUSE_GATE : v1::StopRequested::CAUSE_ACTION_FAILED,
      absl::StrCat("the cluster's lock was not taken on ", last->host, ": ", who));
}

void KeepLock(Desk* desk) {
  const LockState lock = JudgeLock(desk->op);
  const std::vector<const IssuedAction*> renewals = desk->op.Attempts(RenewPurpose(desk->op));
  const IssuedAction* last = renewals.empty() ? nullptr : renewals.back();
  if (last != nullptr && last->Answered(Result::OUTCOME_REFUSED) && !StillStands(*last, desk)) return;
  if (desk->now >= lock.earliest_end - kLockReserve) {
    desk->Stop(v1::StopRequested::CAUSE_CLUSTER, "the cluster's lock could not be renewed in time");
    return;
  }
  desk->WakeAt(lock.earliest_end - kLockReserve);
  const absl::Time due = lock.earliest_end - kLockDuration / 2;
  desk->WakeAt(due);
  if (desk->now < due || (last != nullptr && !last->ended)) return;
  // A failed renewal is tried again, but not in a tight loop.
  if (last != nullptr && last->ended_at > due && desk->now < last->ended_at + kGatePoll) {
    desk->WakeAt(last->ended_at + kGatePoll);
    return;
  }
  const HostView* dc = DcView(desk->view);
  if (dc != nullptr && dc->fresh.cluster >= desk->op.resumed_at) Renew(*dc, desk);
}

bool GiveLockBack(Desk* desk, std::string* remark) {
  const LockState lock = JudgeLock(desk->op);
  if (!lock.may_stand) return true;
  const std::vector<const IssuedAction*> releases = desk->op.Attempts(ReleasePurpose(desk->op));
  const IssuedAction* last = releases.empty() ? nullptr : releases.back();
  const HostView* dc = DcView(desk->view);
  const bool over = desk->now >= lock.latest_end + kLeaseEndMargin;
  if (over || static_cast<int>(releases.size()) >= kReleaseAttempts) {
    if (!over && !last->ended) return false;
    *remark = absl::StrCat("the cluster's lock could not be released; it ends by itself before ",
                           absl::FormatTime("%H:%M:%SZ", lock.latest_end, absl::UTCTimeZone()));
    return true;
  }
  desk->WakeAt(lock.latest_end + kLeaseEndMargin);
  if (last != nullptr && !last->ended) {
    // Its answer is waited for, unless it can no longer come on the stream that it went out on. A second does no harm.
    const HostView* const asked = ConnectedNode(desk->view, last->host);
    if (asked == nullptr || asked->connected_at <= last->issued_at) return false;
  }
  if (last != nullptr && last->ended && desk->now < last->ended_at + kGatePoll) {
    desk->WakeAt(last->ended_at + kGatePoll);
    return false;
  }
  // An acquisition that may still run would take the lock again after its release.
  for (const IssuedAction& action : desk->op.actions) {
    if (!action.ended && !action.undo && action.node.empty()) return false;
  }
  if (dc == nullptr || dc->fresh.cluster < desk->op.resumed_at) {
    desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll, desk->op.resumed_at);
    return false;
  }
  v1::Action action;
  action.mutable_release_lock()->set_holder(desk->view.coordinator_uuid);
  desk->Undo(dc->host, "", ReleasePurpose(desk->op), action, kCibActionTimeout);
  return false;
}

}  // namespace jettyfleet
