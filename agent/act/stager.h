// Acts on archives, which jettyfleet-stager carries out: fetching takes memory and time that the agent shall not spend.
#ifndef JETTYFLEET_AGENT_ACT_STAGER_H_
#define JETTYFLEET_AGENT_ACT_STAGER_H_

#include "agent/act/actor_options.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// `action` is stage_archive, drop_staged or switch_archive, its fields checked; `options` outlives the task. Each can
// be repeated, whatever became of it before.
Task<v1::ActionResult> RunStager(Tools& tools, const StagerOptions& options, v1::Action action);

// As the options say; without a path, beside this program.
StagerOptions StagerOf(const ActorOptions& options);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_STAGER_H_
