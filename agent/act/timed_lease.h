// What leases that this host itself ends have in common (HAProxy servers, faults): a record on its disk, and a systemd
// timer that runs the undo.
#ifndef JETTYFLEET_AGENT_ACT_TIMED_LEASE_H_
#define JETTYFLEET_AGENT_ACT_TIMED_LEASE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// What a timer runs for a lease id.
using UndoCommandOf = std::function<std::vector<std::string>(const std::string& lease_id)>;

// Record, then timer. Not OK: nothing was done yet, and what was in force still is. `held`: the lease that this renews.
Task<absl::Status> ArmTimedLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record,
                                 std::optional<v1::LeaseRecord> held, std::vector<std::string> undo);

// The record and the timer go; what is left of them does no harm. What the lease was about is not touched.
Task<bool> EndTimedLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_TIMED_LEASE_H_
