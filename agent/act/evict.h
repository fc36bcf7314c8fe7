// Keeps a clone's instances off one node until an end: a location rule of our own id, written by pcs.
#ifndef JETTYFLEET_AGENT_ACT_EVICT_H_
#define JETTYFLEET_AGENT_ACT_EVICT_H_

#include <string>

#include "agent/act/cib.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. Not `pcs resource ban`: its id is the one that operators' bans have.
Task<v1::ActionResult> EvictNode(Cib& cib, LeaseStore& leases, std::string operation_id, v1::EvictNode act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_EVICT_H_
