// Takes one HAProxy server out of service and back: drain and maint on a lease that a systemd timer ends.
#ifndef JETTYFLEET_AGENT_ACT_LB_SERVER_H_
#define JETTYFLEET_AGENT_ACT_LB_SERVER_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// What a timer runs for a lease id.
using UndoCommandOf = std::function<std::vector<std::string>(const std::string& lease_id)>;

// Fields are checked. Order: record, timer, act, look. A server that an operator has taken out of service is REFUSED
// and left alone. The same lease id for the same server renews its lease.
Task<v1::ActionResult> SetLbServer(Tools& tools, LeaseStore& leases, UndoCommandOf undo_command,
                                   std::string operation_id, v1::SetLbServer act);

// The undo: ready, then the timer and the record go. Writes nothing. DONE too where the server is ready or gone from
// HAProxy's configuration. REFUSED, with the lease gone, where somebody else has put the server into a state that this
// lease never asked for: that is theirs. FAILED (HAProxy down, for one): the lease stays, and its timer tries again.
Task<v1::ActionResult> UndoLbLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_SERVER_H_
