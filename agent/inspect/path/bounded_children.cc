#include "agent/inspect/path/bounded_children.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "agent/inspect/path/frames.h"
#include "common/clock.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLimitBytes = 1 << 20;
constexpr int kAnswerDescriptor = 3;

struct Child {
  pid_t pid = -1;
  int fd = -1;
  std::string text;
  int start_error = 0;
};

[[noreturn]] void Work(int answer_fd, std::size_t index, const std::function<std::string(std::size_t)>& work) {
  // Out of the way of what it is copied to.
  const int answer = fcntl(answer_fd, F_DUPFD, kAnswerDescriptor + 1);
  int null = open("/dev/null", O_RDWR);
  // A root directory of a unit's own may have no devices.
  if (null < 0) null = memfd_create("null", 0);
  if (answer < 0 || null < 0) _exit(1);
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (dup2(null, fd) < 0) _exit(1);
  }
  if (dup2(answer, kAnswerDescriptor) < 0) _exit(1);
  closefrom(kAnswerDescriptor + 1);
  std::string stream;
  AppendFrame(work(index), &stream);
  absl::string_view left = stream;
  while (!left.empty()) {
    const ssize_t written = write(kAnswerDescriptor, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  _exit(0);
}

Child Start(std::size_t index, const std::function<std::string(std::size_t)>& work) {
  Child child;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) {
    child.start_error = errno;
    return child;
  }
  child.pid = fork();
  if (child.pid == 0) Work(ends[1], index, work);
  if (child.pid < 0) child.start_error = errno;
  close(ends[1]);
  child.fd = ends[0];
  if (child.pid < 0) {
    close(child.fd);
    child.fd = -1;
  }
  return child;
}

// At its end the descriptor is -1.
void ReadSome(Child* child) {
  char buffer[65536];
  const ssize_t got = read(child->fd, buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return;
  if (got > 0 && child->text.size() < kLimitBytes) {
    child->text.append(buffer, static_cast<std::size_t>(got));
    return;
  }
  close(child->fd);
  child->fd = -1;
}

bool Whole(const Child& child) {
  const std::optional<std::vector<std::string>> frames = ReadFrames(child.text);
  return frames.has_value() && frames->size() == 1;
}

absl::StatusOr<std::string> Answer(const Child& child, absl::Duration deadline) {
  if (child.start_error != 0) {
    return absl::UnavailableError(absl::StrCat("no process could be started: ", std::strerror(child.start_error)));
  }
  const std::optional<std::vector<std::string>> frames = ReadFrames(child.text);
  if (frames.has_value() && frames->size() == 1) return frames->front();
  if (child.fd >= 0) {
    return absl::DeadlineExceededError(absl::StrCat("does not answer within ", absl::FormatDuration(deadline)));
  }
  return absl::InternalError("the process that looked at it died");
}

}  // namespace

std::vector<absl::StatusOr<std::string>> RunInChildren(std::size_t count,
                                                       const std::function<std::string(std::size_t)>& work,
                                                       absl::Duration deadline) {
  const absl::Duration until = SystemClock().MonotonicNow() + deadline;
  std::vector<Child> children;
  for (std::size_t i = 0; i < count; ++i) children.push_back(Start(i, work));
  for (;;) {
    std::vector<pollfd> polled;
    std::vector<Child*> owners;
    for (Child& child : children) {
      // Not until its end: it may hang in closing what it had open.
      if (child.fd < 0 || Whole(child)) continue;
      polled.push_back({child.fd, POLLIN, 0});
      owners.push_back(&child);
    }
    const absl::Duration left = until - SystemClock().MonotonicNow();
    if (polled.empty() || left <= absl::ZeroDuration()) break;
    const int wait_ms = static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))));
    if (poll(polled.data(), polled.size(), wait_ms) <= 0) continue;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0) ReadSome(owners[i]);
    }
  }
  std::vector<absl::StatusOr<std::string>> answers;
  for (Child& child : children) {
    answers.push_back(Answer(child, deadline));
    if (child.fd >= 0) close(child.fd);
    if (child.pid < 0) continue;
    if (!answers.back().ok()) kill(child.pid, SIGKILL);
    // What has not ended by now is left to whoever inherits it: waiting for it might take for ever.
    waitpid(child.pid, nullptr, WNOHANG);
  }
  return answers;
}

}  // namespace jettyfleet
