// The undo of a fault's lease, whichever kind it is: for the action, for its timer's one-shot, and for the sweep.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FAULT_UNDO_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FAULT_UNDO_H_

#include <string>

#include "absl/status/status.h"
#include "agent/act/fault/host_paths.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// First what was broken, then the timer and the record. Writes nothing, asks no cluster. DONE too where it was undone
// already. FAILED or TIMED_OUT: the lease stays, and its timer (or the sweep) tries again.
Task<v1::ActionResult> UndoFaultLease(Tools& tools, LeaseStore& leases, HostPaths paths, v1::LeaseRecord record);

// By its id; DONE too where there is none. REFUSED: that lease is no fault's.
Task<v1::ActionResult> UndoFault(Tools& tools, LeaseStore& leases, HostPaths paths, std::string lease_id);

// For an act that failed half-way: undoes it at once, and says both. FAILED or TIMED_OUT.
Task<v1::ActionResult> TakeBack(Tools& tools, LeaseStore& leases, HostPaths paths, v1::LeaseRecord record,
                                absl::Status why);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FAULT_UNDO_H_
