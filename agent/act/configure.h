// Changes the cluster's configuration through pcs: looks, checks quorum and rest, acts, and looks again.
#ifndef JETTYFLEET_AGENT_ACT_CONFIGURE_H_
#define JETTYFLEET_AGENT_ACT_CONFIGURE_H_

#include <string>

#include "agent/act/cib.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// For every action that PcsCommand (cib_command.h) knows. Fields are checked. REFUSED with in_transition while the
// cluster is not at rest, unless the action says that it may be done all the same. DONE where the cluster already is so, and
// REFUSED where something else of that name exists: what is there is not overwritten. A resource is created and cloned
// in two steps: in one step pcs puts the clone's attributes on the primitive, silently, or means something else in its
// next version. Between the two the resource runs on one node, which harms nobody and spares a third step that enables
// it.
Task<v1::ActionResult> Configure(Cib& cib, v1::Action action);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CONFIGURE_H_
