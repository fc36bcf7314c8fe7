// What leases on HAProxy servers have in common: a record on this host, and a systemd timer that ends them.
#ifndef JETTYFLEET_AGENT_ACT_LB_LEASE_H_
#define JETTYFLEET_AGENT_ACT_LB_LEASE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// What a timer runs for a lease id.
using UndoCommandOf = std::function<std::vector<std::string>(const std::string& lease_id)>;

// Record, then timer. Not OK: nothing was done to the server, and what was in force still is. `held`: the lease that
// this renews.
Task<absl::Status> ArmLbLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record,
                              std::optional<v1::LeaseRecord> held, std::vector<std::string> undo);

// The record and the timer go; what is left of them does no harm. The server is not touched.
Task<bool> EndLbLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record);

// DONE, FAILED or TIMED_OUT.
v1::ActionResult LbFailure(const absl::Status& status);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_LEASE_H_
