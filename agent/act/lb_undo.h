// The undo of a lease on a HAProxy server, whichever kind it is.
#ifndef JETTYFLEET_AGENT_ACT_LB_UNDO_H_
#define JETTYFLEET_AGENT_ACT_LB_UNDO_H_

#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// As UndoServerLease or UndoWeightLease say.
Task<v1::ActionResult> UndoLbLease(Tools& tools, LeaseStore& leases, v1::LeaseRecord record);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LB_UNDO_H_
