#include "agent/act/fault/signal_process.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// A process that was not stopped yet may have made another one while the list was read; one that is stopped makes none.
constexpr int kMostPasses = 20;

absl::Status Problem(absl::string_view what, pid_t process) {
  const int error = errno;
  const std::string message = absl::StrCat(what, " process ", process, ": ", std::strerror(error));
  if (error == ESRCH) return absl::NotFoundError(message);
  return error == EPERM ? absl::PermissionDeniedError(message) : absl::UnavailableError(message);
}

}  // namespace

absl::Status SignalProcess(pid_t process, int signal, const std::function<bool()>& still_meant) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (fd < 0) return Problem("cannot get hold of", process);
  absl::Status status;
  if (!still_meant()) {
    status = absl::NotFoundError(absl::StrCat("process ", process, " has gone, and that number is another's now"));
  } else if (syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) != 0) {
    status = Problem("cannot signal", process);
  }
  close(fd);
  return status;
}

absl::Status SignalGroup(const ControlGroup& group, int signal) {
  std::set<pid_t> signalled;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    const absl::StatusOr<std::set<pid_t>> processes = group.Processes();
    if (absl::IsNotFound(processes.status())) return absl::OkStatus();
    if (!processes.ok()) return processes.status();
    if (processes->count(getpid()) > 0) {
      return absl::FailedPreconditionError(absl::StrCat(group.name(), " holds this agent itself"));
    }
    bool more = false;
    for (const pid_t process : *processes) {
      if (!signalled.insert(process).second) continue;
      more = true;
      const absl::Status sent = SignalProcess(process, signal, [&] { return group.Has(process); });
      if (!sent.ok() && !absl::IsNotFound(sent)) return sent;
    }
    if (!more) return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat(group.name(), " makes processes faster than they can be signalled"));
}

}  // namespace jettyfleet
