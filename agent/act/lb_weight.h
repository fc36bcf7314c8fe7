// The weight of one HAProxy server: another one than configured only on a lease that a systemd timer ends.
#ifndef JETTYFLEET_AGENT_ACT_LB_WEIGHT_H_
#define JETTYFLEET_AGENT_ACT_LB_WEIGHT_H_

#include <string>

#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/timed_lease.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// Fields are checked. Order: record, timer, act, look. REFUSED where the server is under another lease of this kind, or
// has a weight that its lease never asked for: an operator's. The same lease id renews the lease and keeps what was
// before it. The configured weight needs no lease and ends the one that is named.
Task<v1::ActionResult> SetLbWeight(Tools& tools, LeaseStore& leases, UndoCommandOf undo_command,
                                   std::string operation_id, v1::SetLbWeight act);

// The undo: the weight from before the lease, then the timer and the record go. DONE too where the server is gone from
// HAProxy's configuration. REFUSED, with the lease gone, where somebody else has set another weight since. FAILED
// (HAProxy down, for one): the lease stays, and its timer tries again.
Task<v1::ActionResult> UndoWeightLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_WEIGHT_H_
