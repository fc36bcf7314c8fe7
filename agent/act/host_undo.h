// The undo of a lease that this host itself ends, whichever kind it is.
#ifndef JETTYFLEET_AGENT_ACT_HOST_UNDO_H_
#define JETTYFLEET_AGENT_ACT_HOST_UNDO_H_

#include <string>

#include "agent/act/fault/host_paths.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// As UndoServerLease, UndoWeightLease or UndoFaultLease say. Not for a lease in the CIB.
Task<v1::ActionResult> UndoHostLease(Tools& tools, LeaseStore& leases, HostPaths paths, v1::LeaseRecord record);

// What the lease is about, for people: "server BACKEND/SERVER", "frozen unit jetty9".
std::string DescribeHostLease(const v1::LeaseFact& lease);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_HOST_UNDO_H_
