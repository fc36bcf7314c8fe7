// The real ProcessRunner: posix_spawn, watched by pidfd on the agent's loop.
#ifndef JETTYFLEET_AGENT_PROCESS_RUNNER_H_
#define JETTYFLEET_AGENT_PROCESS_RUNNER_H_

#include <memory>

#include "agent/loop.h"
#include "agent/process.h"

namespace jettyfleet {

// `loop` must outlive it. It touches no other children of this process, and needs no signal blocked.
std::unique_ptr<ProcessRunner> CreateProcessRunner(Loop& loop);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_PROCESS_RUNNER_H_
