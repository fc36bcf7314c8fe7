#include "agent/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace jettyfleet {
namespace {

constexpr int kDrainTurns = 64;

}  // namespace

void Descriptor::Reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

int ChildOutput::Open(sd_event* event, std::size_t limit_bytes, Descriptor* write_end) {
  limit_bytes_ = limit_bytes;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return errno;
  fd_.Reset(ends[0]);
  write_end->Reset(ends[1]);
  // The read end only: the child expects its writes to block.
  if (fcntl(fd_.get(), F_SETFL, O_NONBLOCK) < 0) return errno;
  return std::max(0, -sd_event_add_io(event, &source_, fd_.get(), EPOLLIN, &ChildOutput::OnReadable, this));
}

void ChildOutput::Drain() {
  for (int turn = 0; turn < kDrainTurns && source_ != nullptr && ReadOnce(); ++turn) {
  }
  Stop();
}

int ChildOutput::OnReadable(sd_event_source*, int, uint32_t, void* output) {
  static_cast<ChildOutput*>(output)->ReadOnce();
  return 0;
}

bool ChildOutput::ReadOnce() {
  char buffer[65536];
  const ssize_t got = read(fd_.get(), buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) {
    Stop();
    return false;
  }
  const std::size_t size = static_cast<std::size_t>(got);
  const std::size_t keep = std::min(size, limit_bytes_ - text_.size());
  text_.append(buffer, keep);
  overflowed_ = overflowed_ || keep < size;
  return true;
}

void ChildOutput::Stop() { source_ = sd_event_source_disable_unref(source_); }

int SpawnInOwnGroup(const std::string& program, const std::vector<std::string>& argv, int out_fd, int err_fd,
                    pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
  // Libraries open descriptors without close-on-exec, too.
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
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char locale[] = "LC_ALL=C";
  char* const environment[] = {path, locale, nullptr};
  const int error = posix_spawn(pid, program.c_str(), &actions, &attributes, arguments.data(), environment);

  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace jettyfleet
