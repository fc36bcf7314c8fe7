// Pacemaker's own word on what actions would do, without doing them.
#ifndef JETTYFLEET_AGENT_ACT_PREDICT_H_
#define JETTYFLEET_AGENT_ACT_PREDICT_H_

#include <string>

#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Applies each action to a copy of the CIB, with the very command that would change the cluster, and has crm_simulate
// run it through; the next action builds on what that would have led to. What is there already needs no trying, and
// nothing comes of it. The copies are private files whose names begin with `scratch` (a path). What cannot
// be tried on a file (a cleanup, a lease) is an unknown prediction. So is what would be refused or could not be tried,
// and all that rests on it. Needs neither lock nor quorum: it changes nothing. Fields of every action are checked.
// REFUSED when there is no CIB to copy; FAILED when the file cannot be kept.
Task<v1::ActionResult> PredictActions(Tools& tools, std::string scratch, v1::PredictActions act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_PREDICT_H_
