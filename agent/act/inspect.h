// The agent's close looks at its host, made by a program of its own: jettyfleet-inspect.
#ifndef JETTYFLEET_AGENT_ACT_INSPECT_H_
#define JETTYFLEET_AGENT_ACT_INSPECT_H_

#include <string>

#include "agent/act/actor_options.h"
#include "agent/act/sweep.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/action.pb.h"

namespace jettyfleet {

struct Inspector {
  std::string program;    // its path
  std::string state_dir;  // the agent's
  std::string node;
};

// Carries out inspect, look_for_markers and remove_markers; fields are checked. The request goes through a private file
// whose name begins with `scratch` (a path). FAILED when the program is missing, fails or prints what is no result;
// what it could not see stands in the inspection itself.
Task<v1::ActionResult> RunInspector(Tools& tools, Inspector inspector, std::string scratch, v1::Action action);

// Has the program remove markers whose time is over: what a crash or a reboot has left. Runs nothing where no marker is
// recorded.
Task<SweepReport> SweepMarkers(Tools& tools, Inspector inspector);

// As the options say; without a path, beside this program.
Inspector InspectorOf(const ActorOptions& options);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_INSPECT_H_
