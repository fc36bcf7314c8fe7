#include "agent/act/fault/fault_lease.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/lease_timer.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

bool IsSameFault(const v1::LeaseRecord& one, const v1::LeaseRecord& other) {
  return one.lease().kind() == other.lease().kind() && one.lease().target() == other.lease().target() &&
         one.control_group() == other.control_group();
}

// A function, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> IsActiveCommand(const std::string& unit) {
  return {"systemctl", "is-active", "--quiet", absl::StrCat(unit, ".timer")};
}

// For a lease on record: an agent that died right after writing it had not armed its timer.
Task<absl::Status> EnsureTimer(FaultHands& hands, v1::LeaseRecord held) {
  Tools& tools = hands.cib.tools();
  const CommandResult active = co_await tools.Run(IsActiveCommand(held.timer_unit()));
  if (active.status.ok() && active.exit_code == 0) co_return absl::OkStatus();
  const absl::Time end = FromProto(held.lease().ends_at());
  const absl::Duration delay = end - tools.clock().WallNow();
  if (delay <= absl::ZeroDuration()) co_return absl::FailedPreconditionError("too late: the lease has ended");
  co_return co_await ArmTimer(tools, held.timer_unit(), end, delay, hands.undo_command(held.lease().id()));
}

}  // namespace

v1::LeaseRecord FaultRecord(const FaultHands& hands, absl::string_view kind, const std::string& lease_id,
                            const std::string& target) {
  v1::LeaseRecord record;
  v1::LeaseFact& fact = *record.mutable_lease();
  fact.set_id(lease_id);
  fact.set_operation_id(hands.operation_id);
  fact.set_kind(std::string(kind));
  fact.set_target(target);
  return record;
}

std::string WhyNotArmed(const FaultHands& hands, const v1::LeaseRecord& wanted) {
  const std::string& id = wanted.lease().id();
  for (const auto& [other_id, other] : hands.leases.leases()) {
    if (other_id == id && !IsSameFault(other, wanted)) {
      return absl::StrCat("lease id ", id, " is used already, for ", other.lease().kind(), " of ",
                          other.lease().target());
    }
    if (other_id == id && FromProto(other.lease().ends_at()) <= hands.cib.tools().clock().WallNow()) {
      return absl::StrCat("too late: lease ", id, " has ended and is being undone");
    }
    if (other_id != id && IsFaultLease(other.lease())) {
      return absl::StrCat("this host is under another fault: ", other_id, " (", other.lease().kind(), " of ",
                          other.lease().target(), "); undo it first");
    }
  }
  return "";
}

Task<absl::StatusOr<v1::LeaseRecord>> ArmFault(FaultHands& hands, v1::LeaseRecord wanted, absl::Duration duration) {
  const std::string why_not = WhyNotArmed(hands, wanted);
  if (!why_not.empty()) co_return absl::FailedPreconditionError(why_not);
  const std::string id = wanted.lease().id();
  if (const v1::LeaseRecord* const found = hands.leases.Find(id); found != nullptr) {
    // Whoever asks again does not know what became of it.
    v1::LeaseRecord held = *found;
    const absl::Status timed = co_await EnsureTimer(hands, held);
    if (!timed.ok()) co_return timed;
    co_return held;
  }
  Tools& tools = hands.cib.tools();
  const absl::Time now = tools.clock().WallNow();
  const absl::Time end = now + duration;
  *wanted.mutable_lease()->mutable_armed_at() = ToProto(now);
  *wanted.mutable_lease()->mutable_ends_at() = ToProto(end);
  wanted.set_timer_unit(TimerUnit(id, end));
  const absl::Status armed = co_await ArmTimedLease(tools, hands.leases, wanted, std::nullopt, hands.undo_command(id));
  if (!armed.ok()) co_return armed;
  if (tools.clock().WallNow() < end) co_return wanted;
  co_await EndTimedLease(tools, hands.leases, wanted);
  co_return absl::FailedPreconditionError("too late: the lease ended before the act, so nothing was done");
}

}  // namespace jettyfleet
