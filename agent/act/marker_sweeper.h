// Removes the markers that a crashed check has left, beside the agent's acts.
#ifndef JETTYFLEET_AGENT_ACT_MARKER_SWEEPER_H_
#define JETTYFLEET_AGENT_ACT_MARKER_SWEEPER_H_

#include <optional>

#include "agent/act/inspect.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "agent/process.h"
#include "common/clock.h"

namespace jettyfleet {

// Owned by the Actor; loop thread only. No act waits for it: a marker may lie on a file system that does not answer.
class MarkerSweeper {
 public:
  MarkerSweeper(ProcessRunner& processes, const Clock& clock, Inspector inspector);
  MarkerSweeper(const MarkerSweeper&) = delete;
  MarkerSweeper& operator=(const MarkerSweeper&) = delete;

  // Sweeps once, and logs in one line what was removed, in another what could not be; nothing while a sweep is under
  // way. Destroying the sweeper abandons it.
  void Begin();

 private:
  Task<bool> Sweep();

  ProcessRunner& processes_;
  const Clock& clock_;
  const Inspector inspector_;
  std::optional<Tools> tools_;
  Task<bool> running_;  // uses tools_
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_MARKER_SWEEPER_H_
