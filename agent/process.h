// The seam for running other programs: argv, never a shell.
#ifndef JETTYFLEET_AGENT_PROCESS_H_
#define JETTYFLEET_AGENT_PROCESS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace jettyfleet {

struct Command {
  // argv[0] is looked up in PATH=/usr/sbin:/usr/bin:/sbin:/bin; the environment holds that and LC_ALL=C only.
  std::vector<std::string> argv;
  absl::Duration timeout = absl::Seconds(30);
  // Of stdout and of stderr each; reading goes on and the rest is dropped, and `status` says so.
  std::size_t output_limit_bytes = 4 << 20;
};

struct CommandResult {
  // OK: it ran and exited by itself, whatever its exit code. DeadlineExceeded: its process group was killed.
  // ResourceExhausted: more output than the limit. Unavailable: it could not be started.
  absl::Status status;
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  std::string out;
  std::string err;
};

// Loop thread only; `done` is called on it exactly once, never from inside Run. Each command has a process group of
// its own, which is killed whole at the deadline, when the command itself has exited (nothing is left behind by a
// finished command), and when the runner is destroyed (then `done` is not called).
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  virtual void Run(Command command, std::function<void(CommandResult)> done) = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_PROCESS_H_
