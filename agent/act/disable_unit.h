// Keeps a unit of this host from being started at boot.
#ifndef JETTYFLEET_AGENT_ACT_DISABLE_UNIT_H_
#define JETTYFLEET_AGENT_ACT_DISABLE_UNIT_H_

#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// The unit, and the timers that would start it. Stops nothing. Fields are checked. DONE where nothing was enabled.
Task<v1::ActionResult> DisableUnit(Tools& tools, v1::DisableUnit act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_DISABLE_UNIT_H_
