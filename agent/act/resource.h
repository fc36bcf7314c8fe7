// Creates a systemd resource and clones it, in two steps: in one step pcs puts the clone's attributes on the primitive,
// silently, or means something else in its next version.
#ifndef JETTYFLEET_AGENT_ACT_RESOURCE_H_
#define JETTYFLEET_AGENT_ACT_RESOURCE_H_

#include <string>

#include "agent/act/cib.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked. Both are DONE where the cluster already has just this, and REFUSED where it has something else
// of that name: existing resources are not changed. Between the two steps the resource runs on one node, which harms
// nobody and spares a third step that enables it.
Task<v1::ActionResult> CreateResource(Cib& cib, std::string operation_id, v1::CreateResource act);
Task<v1::ActionResult> CloneResource(Cib& cib, std::string operation_id, v1::CloneResource act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_RESOURCE_H_
