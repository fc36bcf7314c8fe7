#include "agent/inspect/command/run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace jettyfleet {
namespace {

constexpr char kPath[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kFolders[] = {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};

// Closes on destruction.
struct Descriptor {
  int fd = -1;
  ~Descriptor() { Close(); }
  void Close() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  // 0 or an errno.
  int Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return errno;
    read_end.fd = ends[0];
    write_end.fd = ends[1];
    // The read end only: the child expects its writes to block.
    return fcntl(read_end.fd, F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
  }
};

std::string FindProgram(const std::string& name) {
  if (name.empty()) return "";
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : "";
  for (const char* const folder : kFolders) {
    std::string path = absl::StrCat(folder, name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

int Spawn(const std::string& program, const std::vector<std::string>& argv, int out, int err, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  char locale[] = "LC_ALL=C";
  char* const environment[] = {const_cast<char*>(kPath), locale, nullptr};
  const int error = posix_spawn(pid, program.c_str(), &actions, &attributes, arguments.data(), environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Takes what is there now. False: more than the limit. The end of the pipe closes it.
bool Take(Descriptor* from, std::size_t limit_bytes, std::string* text) {
  char buffer[65536];
  while (from->fd >= 0) {
    const ssize_t got = read(from->fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) {
      from->Close();
      return true;
    }
    const std::size_t keep = std::min(static_cast<std::size_t>(got), limit_bytes - text->size());
    text->append(buffer, keep);
    if (keep < static_cast<std::size_t>(got)) return false;
  }
  return true;
}

// Reads until the child has ended, whoever else may still hold its pipes.
absl::Status Follow(const std::string& name, int child, Pipe* out, Pipe* err, absl::Time until, std::size_t limit_bytes,
                    CommandOutput* result) {
  for (;;) {
    pollfd waits[] = {{out->read_end.fd, POLLIN, 0}, {err->read_end.fd, POLLIN, 0}, {child, POLLIN, 0}};
    const int64_t left = absl::ToInt64Milliseconds(until - absl::Now());
    if (left < 0) return absl::DeadlineExceededError(absl::StrCat(name, ": did not end in time and was killed"));
    // One more, so that the last fraction of a millisecond is not spent in turns.
    if (poll(waits, 3, static_cast<int>(std::min<int64_t>(left + 1, 60000))) < 0 && errno != EINTR) {
      return absl::UnavailableError(absl::StrCat(name, ": cannot be waited for: ", std::strerror(errno)));
    }
    const bool ended = waits[2].revents != 0;
    if (!Take(&out->read_end, limit_bytes, &result->out) || !Take(&err->read_end, limit_bytes, &result->err)) {
      return absl::ResourceExhaustedError(absl::StrCat(name, ": wrote more than ", limit_bytes, " bytes"));
    }
    if (ended) return absl::OkStatus();
  }
}

}  // namespace

CommandOutput RunCommand(const std::vector<std::string>& argv, absl::Duration deadline, std::size_t limit_bytes) {
  CommandOutput result;
  const absl::Time until = absl::Now() + deadline;
  const std::string name = argv.empty() ? "" : argv[0];
  const std::string program = FindProgram(name);
  if (program.empty()) {
    result.status = absl::NotFoundError(absl::StrCat(name, ": there is no such program on this host"));
    return result;
  }
  Pipe out, err;
  pid_t pid = -1;
  int error = out.Open();
  if (error == 0) error = err.Open();
  if (error == 0) error = Spawn(program, argv, out.write_end.fd, err.write_end.fd, &pid);
  if (error != 0) {
    result.status = absl::UnavailableError(absl::StrCat(name, ": cannot be started: ", std::strerror(error)));
    return result;
  }
  out.write_end.Close();
  err.write_end.Close();
  const Descriptor child{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  result.status = child.fd >= 0
                      ? Follow(name, child.fd, &out, &err, until, limit_bytes, &result)
                      : absl::UnavailableError(absl::StrCat(name, ": cannot be waited for: ", std::strerror(errno)));
  // Not reaped yet, so that the group's number is still its own.
  kill(-pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (result.status.ok() && WIFSIGNALED(status)) {
    result.status = absl::AbortedError(absl::StrCat(name, ": was ended by signal ", WTERMSIG(status)));
  }
  return result;
}

}  // namespace jettyfleet
