// One program, run to its end by whoever waits for it: for the inspector, which has no event loop.
#ifndef JETTYFLEET_AGENT_INSPECT_COMMAND_RUN_COMMAND_H_
#define JETTYFLEET_AGENT_INSPECT_COMMAND_RUN_COMMAND_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace jettyfleet {

struct CommandOutput {
  // OK: it ran and exited by itself, whatever its exit code. NotFound: no such program. DeadlineExceeded: killed, with
  // its process group. ResourceExhausted: it wrote more than the limit and was killed. Aborted: a signal ended it.
  // Unavailable: it could not be started. Messages are one line and begin with the program's name.
  absl::Status status;
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Blocks until the program has ended, `deadline` at most. argv[0] is a path, or is looked up in
// /usr/sbin:/usr/bin:/sbin:/bin; the environment holds that PATH and LC_ALL=C only, stdin is /dev/null. Nothing that
// the program started in its process group is left behind. `limit_bytes` is for stdout and stderr each. Any thread.
CommandOutput RunCommand(const std::vector<std::string>& argv, absl::Duration deadline,
                         std::size_t limit_bytes = 4 << 20);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_COMMAND_RUN_COMMAND_H_
