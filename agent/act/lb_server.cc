#include "agent/act/lb_server.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/lb_state.h"
#include "agent/act/lease_timer.h"
#include "agent/act/outcome.h"
#include "agent/act/timed_lease.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using AdminState = v1::LbServerFact::AdminState;

std::string NameOf(const v1::SetLbServer& act) { return absl::StrCat(act.backend(), "/", act.server()); }

bool AskedFor(const v1::LeaseRecord& record, AdminState state) {
  return std::find(record.states().begin(), record.states().end(), state) != record.states().end();
}

// Empty: this action may take the server. `held` is the lease on it, if any.
std::string WhyNot(const v1::SetLbServer& act, const v1::LeaseRecord* held, const v1::LeaseRecord* same_id,
                   AdminState state, absl::Time now) {
  if (held == nullptr) {
    if (same_id != nullptr) {
      return absl::StrCat("lease id ", act.lease_id(), " is used already, for ", same_id->lease().target());
    }
    if (state == v1::LbServerFact::ADMIN_STATE_READY) return "";
    return absl::StrCat("an operator has set ", NameOf(act), " to ", StateWord(state), "; it is left alone");
  }
  if (held->lease().id() != act.lease_id()) {
    return absl::StrCat(NameOf(act), " is under another lease: ", held->lease().id());
  }
  if (FromProto(held->lease().ends_at()) <= now) {
    return absl::StrCat("too late: lease ", act.lease_id(), " has ended and is being undone");
  }
  if (state != v1::LbServerFact::ADMIN_STATE_READY && !AskedFor(*held, state)) {
    return absl::StrCat("an operator has set ", NameOf(act), " to ", StateWord(state), "; it is left alone");
  }
  return "";
}

v1::LeaseRecord NewRecord(const v1::SetLbServer& act, const v1::LeaseRecord* held, const std::string& operation_id,
                          absl::Time now, absl::Time end) {
  v1::LeaseRecord record;
  if (held != nullptr) record = *held;
  v1::LeaseFact& fact = *record.mutable_lease();
  fact.set_id(act.lease_id());
  fact.set_operation_id(operation_id);
  fact.set_kind(std::string(kLbServerLease));
  fact.set_target(NameOf(act));
  *fact.mutable_armed_at() = ToProto(now);
  *fact.mutable_ends_at() = ToProto(end);
  record.set_backend(act.backend());
  record.set_server(act.server());
  if (!AskedFor(record, act.state())) record.add_states(act.state());
  record.set_timer_unit(TimerUnit(act.lease_id(), end));
  return record;
}

Task<v1::ActionResult> MakeReady(Tools& tools, LeaseStore& leases, v1::SetLbServer act) {
  if (const v1::LeaseRecord* record = leases.Find(act.lease_id()); record != nullptr) {
    if (record->backend() != act.backend() || record->server() != act.server()) {
      co_return Refused(
          absl::StrCat("lease ", act.lease_id(), " is for ", record->lease().target(), ", not for ", NameOf(act)));
    }
    co_return co_await UndoServerLease(tools, leases, *record);
  }
  const absl::StatusOr<LbServerState> state = co_await ReadServerState(tools, act.backend(), act.server());
  if (!state.ok()) co_return ResultOf(state.status());
  if (state->admin == v1::LbServerFact::ADMIN_STATE_READY) co_return Done();
  if (act.take_over()) {
    const absl::Status set = co_await SetServerState(tools, act.backend(), act.server(), act.state());
    if (!set.ok()) co_return ResultOf(set);
    // A lease of ours under another id has nothing left to end.
    const v1::LeaseRecord* const held = leases.FindServer(kLbServerLease, act.backend(), act.server());
    if (held != nullptr) co_await EndTimedLease(tools, leases, *held);
    co_return Done();
  }
  co_return Refused(absl::StrCat(NameOf(act), " is in ", StateWord(state->admin), ", and this host has no lease ",
                                 act.lease_id(), " on it: an operator's, left alone"));
}

}  // namespace

Task<v1::ActionResult> SetLbServer(Tools& tools, LeaseStore& leases, UndoCommandOf undo_command,
                                   std::string operation_id, v1::SetLbServer act) {
  if (!tools.has_haproxy()) co_return Refused("this host's agent has no HAProxy admin socket (--haproxy-socket)");
  if (act.state() == v1::LbServerFact::ADMIN_STATE_READY) {
    const v1::ActionResult ready = co_await MakeReady(tools, leases, act);
    co_return ready;
  }
  const absl::StatusOr<LbServerState> state = co_await ReadServerState(tools, act.backend(), act.server());
  if (!state.ok()) co_return Refused(absl::string_view(state.status().message()));
  const absl::Time now = tools.clock().WallNow();
  const v1::LeaseRecord* const held = leases.FindServer(kLbServerLease, act.backend(), act.server());
  const std::string why_not = WhyNot(act, held, leases.Find(act.lease_id()), state->admin, now);
  if (!why_not.empty()) co_return Refused(why_not);
  std::optional<v1::LeaseRecord> earlier;
  if (held != nullptr) earlier = *held;
  const absl::Time end = now + FromProto(act.duration());
  const absl::Status armed = co_await ArmTimedLease(tools, leases, NewRecord(act, held, operation_id, now, end),
                                                    earlier, undo_command(act.lease_id()));
  if (!armed.ok()) co_return Refused(absl::string_view(armed.message()));
  if (tools.clock().WallNow() >= end) co_return Refused("too late: the lease ended before the server could be set");
  const absl::Status set = co_await SetServerState(tools, act.backend(), act.server(), act.state());
  if (!set.ok()) co_return ResultOf(set);
  co_return DoneUntil(end);
}

Task<v1::ActionResult> UndoServerLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record) {
  const std::string& target = record.lease().target();
  const absl::StatusOr<LbServerState> state = co_await ReadServerState(tools, record.backend(), record.server());
  std::string theirs;
  if (absl::IsNotFound(state.status())) {
    LogWarning(
        absl::StrCat("lease ", record.lease().id(), ": ", state.status().message(), ", so there is nothing to undo"));
  } else if (!state.ok()) {
    co_return ResultOf(state.status());
  } else if (state->admin != v1::LbServerFact::ADMIN_STATE_READY && AskedFor(record, state->admin)) {
    const absl::Status set =
        co_await SetServerState(tools, record.backend(), record.server(), v1::LbServerFact::ADMIN_STATE_READY);
    if (!set.ok()) co_return ResultOf(set);
  } else if (state->admin != v1::LbServerFact::ADMIN_STATE_READY) {
    theirs = absl::StrCat(target, " is in ", StateWord(state->admin), ", which lease ", record.lease().id(),
                          " never asked for: an operator's, left alone; the lease is over");
  }
  co_await EndTimedLease(tools, leases, record);
  if (!theirs.empty()) co_return Refused(theirs);
  co_return Done();
}

}  // namespace jettyfleet
