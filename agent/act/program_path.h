// Where our other programs are: beside the agent.
#ifndef JETTYFLEET_AGENT_ACT_PROGRAM_PATH_H_
#define JETTYFLEET_AGENT_ACT_PROGRAM_PATH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "agent/act/actor_options.h"

namespace jettyfleet {

// The path of `program` in the directory of jettyfleet-agent.
std::string PathBeside(const ActorOptions& options, absl::string_view program);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_PROGRAM_PATH_H_
