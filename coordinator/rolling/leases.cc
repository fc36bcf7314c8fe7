#include "coordinator/rolling/leases.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

constexpr size_t kLongestNodePart = 30;

std::string NodePart(const std::string& node) {
  std::string part;
  for (const char c : node) {
    const char lower = absl::ascii_tolower(c);
    part += absl::ascii_islower(lower) || absl::ascii_isdigit(lower) ? lower : '-';
  }
  if (part == node && part.size() <= kLongestNodePart) return part;
  uint32_t hash = 2166136261u;  // FNV-1a: needs to be the same on every run, not to be hard to forge
  for (const char c : node) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return absl::StrFormat("%s-%08x", part.substr(0, kLongestNodePart), hash);
}

// Empty id: the action arms nothing.
Lease LeaseArmedBy(const IssuedAction& action) {
  Lease lease;
  lease.node = action.node;
  switch (action.action.kind_case()) {
    case v1::Action::kEvictNode:
      lease.in_cib = true;
      lease.id = action.action.evict_node().lease_id();
      break;
    case v1::Action::kStandbyNode:
      lease.in_cib = true;
      lease.id = action.action.standby_node().lease_id();
      break;
    case v1::Action::kSetLbServer:
      if (action.undo) break;
      lease.id = action.action.set_lb_server().lease_id();
      lease.host = action.host;
      lease.backend = action.action.set_lb_server().backend();
      lease.server = action.action.set_lb_server().server();
      break;
    case v1::Action::kFreezeUnit:
      lease.on_node = true;
      lease.id = action.action.freeze_unit().lease_id();
      lease.host = action.host;
      break;
    case v1::Action::kBlackholePort:
      lease.on_node = true;
      lease.id = action.action.blackhole_port().lease_id();
      lease.host = action.host;
      break;
    case v1::Action::kPartitionNode:
      lease.on_node = true;
      lease.id = action.action.partition_node().lease_id();
      lease.host = action.host;
      break;
    default:  // nothing else arms a lease
      break;
  }
  return lease;
}

absl::Duration DurationOf(const v1::Action& action) {
  if (action.has_evict_node()) return FromProto(action.evict_node().duration());
  if (action.has_standby_node()) return FromProto(action.standby_node().duration());
  if (action.has_freeze_unit()) return FromProto(action.freeze_unit().duration());
  if (action.has_blackhole_port()) return FromProto(action.blackhole_port().duration());
  if (action.has_partition_node()) return FromProto(action.partition_node().duration());
  return FromProto(action.set_lb_server().duration());
}

bool Undoes(const IssuedAction& action, const Lease& lease) {
  if (!action.undo) return false;
  if (lease.in_cib) {
    return action.action.has_remove_cib_lease() && action.action.remove_cib_lease().lease_id() == lease.id;
  }
  if (action.host != lease.host) return false;
  if (lease.on_node) return action.action.has_undo_fault() && action.action.undo_fault().lease_id() == lease.id;
  return action.action.has_set_lb_server() && action.action.set_lb_server().lease_id() == lease.id;
}

void TakeAct(const IssuedAction& act, Lease* lease) {
  lease->acts.push_back(&act);
  if (!act.ended) {
    lease->acts_over = false;
  } else {
    lease->acts_over_at = std::max(lease->acts_over_at, act.ended_at);
  }
  if (act.Answered(v1::ActionResult::OUTCOME_REFUSED) || act.Answered(v1::ActionResult::OUTCOME_UNIMPLEMENTED)) return;
  lease->never_in_force = false;
  const absl::Duration duration = DurationOf(act.action);
  // Re-arming moves the end, so the last act that ran tells the earliest.
  lease->earliest_end = act.issued_at + duration;
  absl::Time latest = FromProto(act.action.not_after()) + FromProto(act.action.timeout()) + duration;
  if (act.Answered(v1::ActionResult::OUTCOME_DONE) && act.result.has_lease_ends_at()) {
    latest = FromProto(act.result.lease_ends_at()) + kClockTolerance;
  }
  lease->latest_end = std::max(lease->latest_end, latest);
}

// The agent that an undo has to go to; nullptr when there is none now.
const HostView* Undoer(const Lease& lease, const ClusterView& view) {
  if (lease.on_node) return ConnectedNode(view, lease.host);
  return lease.in_cib ? DcView(view) : ConnectedLoadBalancer(view, lease.host);
}

// An agent tells of its own leases by itself, and before it answers any look: a look at its units is enough.
Desk::Fact FactFor(const Lease& lease) {
  if (lease.on_node) return Desk::Fact::kUnits;
  return lease.in_cib ? Desk::Fact::kCib : Desk::Fact::kLbServers;
}

absl::Time FreshnessFor(const Lease& lease, const HostView& host) {
  if (lease.on_node) return host.fresh.units;
  return lease.in_cib ? host.fresh.cib : host.fresh.lb_servers;
}

bool IsInForce(const Lease& lease, const HostView& host) {
  if (lease.in_cib) return FindCibEntry(host, lease.id) != nullptr || !host.report.cib().error().empty();
  if (lease.on_node) return HoldsLease(host, lease.id);
  for (const v1::LbServerFact& fact : host.report.lb_servers()) {
    if (fact.backend() == lease.backend && fact.server() == lease.server) {
      return fact.admin_state() != v1::LbServerFact::ADMIN_STATE_READY;
    }
  }
  return true;  // not reported: unknown is not undone
}

// An act whose answer is still to come, perhaps to an earlier life of the coordinator, need not be waited for once the
// lease was seen: in the CIB, since agents do nothing twice; on a host, since its agent does one act after the other
// and keeps the lease on record before it begins, so that an undo told now follows it. The undo that followed tells
// that it was.
bool HadItsEffect(const Lease& lease, const HostView* host) {
  const absl::Time issued = lease.acts.back()->issued_at;
  if (lease.LastUndo() != nullptr && lease.LastUndo()->issued_at > issued) return true;
  if (host == nullptr || FreshnessFor(lease, *host) < issued) return false;
  return lease.in_cib ? FindCibEntry(*host, lease.id) != nullptr : HoldsLease(*host, lease.id);
}

absl::Time NextUndoAt(const Lease& lease) {
  const IssuedAction* last = lease.LastUndo();
  if (last == nullptr) return absl::InfinitePast();
  const int doublings = std::min<int>(lease.undos.size() - 1, 3);
  return last->issued_at + std::min(kUndoBackoff, absl::Seconds(1 << doublings));
}

}  // namespace

std::string CibLeaseId(const std::string& operation_id, const std::string& node) {
  return absl::StrCat("jettyfleet-", operation_id, "-", NodePart(node));
}

std::string FaultLeaseId(const std::string& operation_id, const std::string& node) {
  return absl::StrCat(CibLeaseId(operation_id, node), "-fault");
}

std::string LbName(int index) { return index == 0 ? "lb" : absl::StrCat("lb", index + 1); }

std::string LbLeaseId(const std::string& operation_id, const std::string& node, int index) {
  return absl::StrCat(CibLeaseId(operation_id, node), "-", LbName(index));
}

std::vector<Lease> LeasesOf(const Operation& operation) {
  std::vector<Lease> leases;
  for (const IssuedAction& action : operation.actions) {
    Lease armed = LeaseArmedBy(action);
    if (armed.id.empty()) continue;
    auto lease = std::find_if(leases.begin(), leases.end(),
                              [&](const Lease& known) { return known.id == armed.id && known.host == armed.host; });
    if (lease == leases.end()) {
      leases.push_back(std::move(armed));
      lease = std::prev(leases.end());
    }
    TakeAct(action, &*lease);
  }
  for (Lease& lease : leases) {
    for (const IssuedAction& action : operation.actions) {
      if (Undoes(action, lease)) lease.undos.push_back(&action);
    }
  }
  return leases;
}

LeaseState JudgeLease(const Lease& lease, const Operation& operation, const ClusterView& view, absl::Time now) {
  const HostView* host = Undoer(lease, view);
  if (!lease.acts_over && !HadItsEffect(lease, host)) return LeaseState::kWaiting;
  if (lease.acts_over && lease.never_in_force) return LeaseState::kSettled;
  // Past its end the lease holds nothing any more. Its remains are tidied away while that is possible, not for ever.
  const bool expired = now >= lease.latest_end + kLeaseEndMargin;
  if (expired && (host == nullptr || now >= lease.latest_end + kLeaseEndMargin + kTidyTime)) {
    return LeaseState::kSettled;
  }
  if (host == nullptr) return LeaseState::kWaiting;

  const IssuedAction* last = lease.LastUndo();
  const bool undo_answered = last != nullptr && last->ended;
  // An undo that is under way is waited for, unless its answer can no longer come on the stream that it went out on.
  if (last != nullptr && !last->ended && last->host == host->host && host->connected_at <= last->issued_at) {
    return LeaseState::kWaiting;
  }
  absl::Time since = std::max(lease.acts_over_at, operation.resumed_at);
  // After a partition the CIB of the other side may win: what was seen before the stop counts no more, and neither does
  // what was seen a while ago or before anything else was undone.
  if (lease.in_cib && operation.stop.has_value()) {
    since = std::max({since, operation.stop_at, now - kCibStaysCurrent});
    for (const IssuedAction& action : operation.actions) {
      if (action.ended && !action.node.empty()) since = std::max(since, action.ended_at);
    }
  }
  if (undo_answered) since = std::max(since, last->ended_at);

  if (FreshnessFor(lease, *host) < since) {
    // The one undo that needs no look before it: of an act that this coordinator saw done.
    const bool seen_done = lease.acts.back()->Answered(v1::ActionResult::OUTCOME_DONE) &&
                           operation.resumed_at < lease.acts.back()->ended_at;
    if (last == nullptr && seen_done) return LeaseState::kNeedsUndo;
    return LeaseState::kNeedsLook;
  }
  // A load balancer's lease has a timer beside the server's state, so one release has to have been answered.
  const bool released = lease.in_cib || (undo_answered && last->Answered(v1::ActionResult::OUTCOME_DONE));
  if (released && !IsInForce(lease, *host)) return LeaseState::kSettled;
  return now < NextUndoAt(lease) ? LeaseState::kWaiting : LeaseState::kNeedsUndo;
}

bool PursueUndo(const Lease& lease, Desk* desk) {
  switch (JudgeLease(lease, desk->op, desk->view, desk->now)) {
    case LeaseState::kSettled:
      return true;
    case LeaseState::kWaiting:
      desk->WakeAt(NextUndoAt(lease));
      desk->WakeAt(lease.latest_end + kLeaseEndMargin);
      return false;
    case LeaseState::kNeedsLook:
      desk->WakeAt(lease.latest_end + kLeaseEndMargin);
      desk->WakeAt(lease.latest_end + kLeaseEndMargin + kTidyTime);
      desk->Ask(*Undoer(lease, desk->view), FactFor(lease), kLbPoll, absl::InfiniteFuture());
      return false;
    case LeaseState::kNeedsUndo:
      break;
  }
  v1::Action action;
  if (lease.in_cib) {
    action.mutable_remove_cib_lease()->set_lease_id(lease.id);
    action.mutable_remove_cib_lease()->set_node(lease.node);
    desk->Undo(Undoer(lease, desk->view)->host, lease.node, absl::StrCat(desk->op.id, "/", lease.node, "/restore"),
               action, kCibActionTimeout);
    return false;
  }
  if (lease.on_node) {
    action.mutable_undo_fault()->set_lease_id(lease.id);
    desk->Undo(lease.host, lease.node, absl::StrCat(desk->op.id, "/", lease.node, "/undo"), action,
               kFaultActionTimeout);
    return false;
  }
  v1::SetLbServer* set = action.mutable_set_lb_server();
  set->set_backend(lease.backend);
  set->set_server(lease.server);
  set->set_state(v1::LbServerFact::ADMIN_STATE_READY);
  set->set_lease_id(lease.id);
  const std::string name = lease.id.substr(lease.id.rfind('-') + 1);
  desk->Undo(lease.host, lease.node, absl::StrCat(desk->op.id, "/", lease.node, "/ready-", name), action,
             kLbActionTimeout);
  return false;
}

bool PursueCibUndo(const std::string& node, Desk* desk) {
  bool settled = true;
  for (const Lease& lease : LeasesOf(desk->op)) {
    if (!lease.in_cib || (!node.empty() && lease.node != node)) continue;
    settled = PursueUndo(lease, desk) && settled;
  }
  return settled;
}

bool PursueFaultUndo(const std::string& node, Desk* desk) {
  bool settled = true;
  for (const Lease& lease : LeasesOf(desk->op)) {
    if (!lease.on_node || (!node.empty() && lease.node != node)) continue;
    settled = PursueUndo(lease, desk) && settled;
  }
  return settled;
}

}  // namespace jettyfleet
