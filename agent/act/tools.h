// What an action may reach: programs, and HAProxy's admin socket, within the action's time.
#ifndef JETTYFLEET_AGENT_ACT_TOOLS_H_
#define JETTYFLEET_AGENT_ACT_TOOLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/act/task.h"
#include "agent/haproxy/admin_socket.h"
#include "agent/process.h"
#include "common/clock.h"

namespace jettyfleet {

// One for each action, owned by whoever runs it; loop thread only.
class Tools {
 public:
  // `haproxy` may be null: this host has none. `until` is on `clock`'s monotonic scale.
  Tools(ProcessRunner& processes, AdminSocket* haproxy, const Clock& clock, absl::Duration until)
      : processes_(processes), haproxy_(haproxy), clock_(clock), until_(until) {}

  // Once the action's time is over nothing is run and the status is DeadlineExceeded.
  Task<CommandResult> Run(std::vector<std::string> argv);
  Task<absl::StatusOr<std::string>> AskHaproxy(std::string command);

  bool has_haproxy() const { return haproxy_ != nullptr; }
  const Clock& clock() const { return clock_; }

 private:
  absl::Duration Remaining() const { return until_ - clock_.MonotonicNow(); }

  ProcessRunner& processes_;
  AdminSocket* const haproxy_;
  const Clock& clock_;
  const absl::Duration until_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_TOOLS_H_
