// What of ours is left on this host, and what a drill may have cost it.
#ifndef JETTYFLEET_AGENT_ACT_AUDIT_LEFTOVERS_H_
#define JETTYFLEET_AGENT_ACT_AUDIT_LEFTOVERS_H_

#include "agent/act/actor_options.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// DONE, always; what could not be seen says so by itself. Changes nothing. `options` outlive the task.
Task<v1::ActionResult> LookAtLeftovers(Tools& tools, const ActorOptions& options, v1::LookAtLeftovers act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_AUDIT_LEFTOVERS_H_
