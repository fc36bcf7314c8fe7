// Puts one node into standby until an end: an attribute set of our own with a rule, beside whatever set the node has.
#ifndef JETTYFLEET_AGENT_ACT_STANDBY_H_
#define JETTYFLEET_AGENT_ACT_STANDBY_H_

#include <string>

#include "agent/act/cib.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. cibadmin, because `pcs node standby` knows no end and writes into the operators' set. REFUSED
// where the node is in standby already, by whomever: its end would not be ours.
Task<v1::ActionResult> StandbyNode(Cib& cib, LeaseStore& leases, std::string operation_id, v1::StandbyNode act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_STANDBY_H_
