#include "agent/act/lb_weight.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/lb_state.h"
#include "agent/act/lease_timer.h"
#include "agent/act/outcome.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::string NameOf(const v1::SetLbWeight& act) { return absl::StrCat(act.backend(), "/", act.server()); }

bool AskedFor(const v1::LeaseRecord& record, uint32_t weight) {
  return std::find(record.weights().begin(), record.weights().end(), weight) != record.weights().end();
}

// Empty: this action may set the server's weight. `held` is the weight's lease, if any.
std::string WhyNot(const v1::SetLbWeight& act, const v1::LeaseRecord* held, const v1::LeaseRecord* same_id,
                   uint32_t weight, absl::Time now) {
  if (held == nullptr) {
    if (same_id == nullptr || act.lease_id().empty()) return "";
    return absl::StrCat("lease id ", act.lease_id(), " is used already, for ", same_id->lease().target());
  }
  if (held->lease().id() != act.lease_id()) {
    return absl::StrCat("the weight of ", NameOf(act), " is under another lease: ", held->lease().id());
  }
  if (act.mode() == v1::SetLbWeight::MODE_LEASED && FromProto(held->lease().ends_at()) <= now) {
    return absl::StrCat("too late: lease ", act.lease_id(), " has ended and is being undone");
  }
  if (weight != held->weight_before() && !AskedFor(*held, weight)) {
    return absl::StrCat("somebody else has given ", NameOf(act), " weight ", weight, "; it is left alone");
  }
  return "";
}

v1::LeaseRecord NewRecord(const v1::SetLbWeight& act, const v1::LeaseRecord* held, const std::string& operation_id,
                          uint32_t before, absl::Time now, absl::Time end) {
  v1::LeaseRecord record;
  if (held != nullptr) {
    record = *held;
  } else {
    record.set_weight_before(before);
  }
  v1::LeaseFact& fact = *record.mutable_lease();
  fact.set_id(act.lease_id());
  fact.set_operation_id(operation_id);
  fact.set_kind(std::string(kLbWeightLease));
  fact.set_target(NameOf(act));
  *fact.mutable_armed_at() = ToProto(now);
  *fact.mutable_ends_at() = ToProto(end);
  record.set_backend(act.backend());
  record.set_server(act.server());
  if (!AskedFor(record, act.weight())) record.add_weights(act.weight());
  record.set_timer_unit(TimerUnit(act.lease_id(), end));
  return record;
}

Task<absl::Status> SetWeight(Tools& tools, std::string backend, std::string server, uint32_t weight) {
  const absl::StatusOr<std::string> answer =
      co_await tools.AskHaproxy(absl::StrCat("set server ", backend, "/", server, " weight ", weight));
  if (!answer.ok()) co_return answer.status();
  const absl::StatusOr<LbServerState> now = co_await ReadServerState(tools, backend, server);
  if (!now.ok()) co_return now.status();
  if (now->weight == weight) co_return absl::OkStatus();
  // A backend with a static algorithm takes 0 and 100 % only, and says so.
  co_return absl::FailedPreconditionError(absl::StrCat("HAProxy was asked to give ", backend, "/", server, " weight ",
                                                       weight, " and it has ", now->weight, ": ", OneLine(*answer)));
}

Task<v1::ActionResult> SetConfigured(Tools& tools, LeaseStore& leases, v1::SetLbWeight act, LbServerState state) {
  if (state.weight != state.configured_weight) {
    const absl::Status set = co_await SetWeight(tools, act.backend(), act.server(), state.configured_weight);
    if (!set.ok()) co_return ResultOf(set);
  }
  const v1::LeaseRecord* const held = leases.FindServer(kLbWeightLease, act.backend(), act.server());
  if (held != nullptr) co_await EndTimedLease(tools, leases, *held);
  co_return Done();
}

}  // namespace

Task<v1::ActionResult> SetLbWeight(Tools& tools, LeaseStore& leases, UndoCommandOf undo_command,
                                   std::string operation_id, v1::SetLbWeight act) {
  if (!tools.has_haproxy()) co_return Refused("this host's agent has no HAProxy admin socket (--haproxy-socket)");
  if (act.mode() == v1::SetLbWeight::MODE_BACK) {
    const v1::LeaseRecord* const record = leases.Find(act.lease_id());
    if (record == nullptr) co_return Done();  // its timer was first
    if (record->lease().kind() != kLbWeightLease || record->lease().target() != NameOf(act)) {
      co_return Refused(absl::StrCat("lease ", act.lease_id(), " is ", record->lease().kind(), " of ",
                                     record->lease().target(), ", not of the weight of ", NameOf(act)));
    }
    co_return co_await UndoWeightLease(tools, leases, *record);
  }
  const absl::StatusOr<LbServerState> state = co_await ReadServerState(tools, act.backend(), act.server());
  if (!state.ok()) co_return Refused(absl::string_view(state.status().message()));
  const absl::Time now = tools.clock().WallNow();
  const v1::LeaseRecord* const held = leases.FindServer(kLbWeightLease, act.backend(), act.server());
  const std::string why_not = WhyNot(act, held, leases.Find(act.lease_id()), state->weight, now);
  if (!why_not.empty()) co_return Refused(why_not);
  if (act.mode() == v1::SetLbWeight::MODE_CONFIGURED) co_return co_await SetConfigured(tools, leases, act, *state);
  std::optional<v1::LeaseRecord> earlier;
  if (held != nullptr) earlier = *held;
  const absl::Time end = now + FromProto(act.duration());
  const absl::Status armed =
      co_await ArmTimedLease(tools, leases, NewRecord(act, held, operation_id, state->weight, now, end), earlier,
                             undo_command(act.lease_id()));
  if (!armed.ok()) co_return Refused(absl::string_view(armed.message()));
  if (tools.clock().WallNow() >= end) co_return Refused("too late: the lease ended before the weight could be set");
  const absl::Status set = co_await SetWeight(tools, act.backend(), act.server(), act.weight());
  if (!set.ok()) co_return ResultOf(set);
  co_return DoneUntil(end);
}

Task<v1::ActionResult> UndoWeightLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record) {
  const std::string& target = record.lease().target();
  const absl::StatusOr<LbServerState> state = co_await ReadServerState(tools, record.backend(), record.server());
  std::string theirs;
  if (absl::IsNotFound(state.status())) {
    LogWarning(
        absl::StrCat("lease ", record.lease().id(), ": ", state.status().message(), ", so there is nothing to undo"));
  } else if (!state.ok()) {
    co_return ResultOf(state.status());
  } else if (state->weight != record.weight_before() && AskedFor(record, state->weight)) {
    const absl::Status set = co_await SetWeight(tools, record.backend(), record.server(), record.weight_before());
    if (!set.ok()) co_return ResultOf(set);
  } else if (state->weight != record.weight_before()) {
    theirs = absl::StrCat(target, " has weight ", state->weight, ", which lease ", record.lease().id(),
                          " never asked for: somebody else's, left alone; the lease is over");
  }
  co_await EndTimedLease(tools, leases, record);
  if (!theirs.empty()) co_return Refused(theirs);
  co_return Done();
}

}  // namespace jettyfleet
