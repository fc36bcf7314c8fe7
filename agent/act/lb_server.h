// Takes one HAProxy server out of service and back: drain and maint on a lease that a systemd timer ends.
#ifndef JETTYFLEET_AGENT_ACT_LB_SERVER_H_
#define JETTYFLEET_AGENT_ACT_LB_SERVER_H_

#include <string>

#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/timed_lease.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// Fields are checked. Order: record, timer, act, look. A server that an operator has taken out of service is REFUSED
// and left alone, unless an operator has it taken over. The same lease id for the same server renews its lease.
Task<v1::ActionResult> SetLbServer(Tools& tools, LeaseStore& leases, UndoCommandOf undo_command,
                                   std::string operation_id, v1::SetLbServer act);

// The undo: ready, then the timer and the record go. Writes nothing. DONE too where the server is ready or gone from
// HAProxy's configuration. REFUSED, with the lease gone, where somebody else has put the server into a state that this
// lease never asked for: that is theirs. FAILED (HAProxy down, for one): the lease stays, and its timer tries again.
Task<v1::ActionResult> UndoServerLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_SERVER_H_
