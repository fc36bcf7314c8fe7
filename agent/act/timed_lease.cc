#include "agent/act/timed_lease.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/lease_timer.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {

Task<absl::Status> ArmTimedLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record,
                                 std::optional<v1::LeaseRecord> held, std::vector<std::string> undo) {
  const absl::Status saved = leases.Save(record);
  if (!saved.ok()) {
    co_return absl::Status(saved.code(),
                           absl::StrCat("the lease cannot be recorded, so nothing was done: ", saved.message()));
  }
  // The same end to the millisecond: its timer stands, and systemd takes no second one of that name.
  if (held.has_value() && held->timer_unit() == record.timer_unit()) co_return absl::OkStatus();
  absl::Status armed = absl::DeadlineExceededError("its end passed before that");
  const absl::Time end = FromProto(record.lease().ends_at());
  const absl::Duration delay = end - tools.clock().WallNow();
  if (delay > absl::ZeroDuration()) armed = co_await ArmTimer(tools, record.timer_unit(), end, delay, std::move(undo));
  if (!armed.ok()) {
    // Back to what is in force: nothing, or the lease that was to be renewed, with its own timer.
    const absl::Status back = held.has_value() ? leases.Save(*held) : leases.Remove(record.lease().id());
    if (!back.ok()) LogWarning(back.message());
    co_return absl::Status(armed.code(),
                           absl::StrCat("the lease's timer cannot be armed, so nothing was done: ", armed.message()));
  }
  if (!held.has_value()) co_return absl::OkStatus();
  const absl::Status disarmed = co_await DisarmTimer(tools, held->timer_unit());
  if (disarmed.ok()) co_return absl::OkStatus();
  co_return absl::Status(disarmed.code(), absl::StrCat("the earlier timer cannot be stopped, so the lease may end with "
                                                       "it and nothing was done: ",
                                                       disarmed.message()));
}

Task<bool> EndTimedLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record) {
  if (const absl::Status removed = leases.Remove(record.lease().id()); !removed.ok()) LogWarning(removed.message());
  const absl::Status disarmed = co_await DisarmTimer(tools, record.timer_unit());
  // A timer that has fired is gone already; one that is left finds no record.
  if (!disarmed.ok()) LogDebug(disarmed.message());
  co_return true;
}

}  // namespace jettyfleet
