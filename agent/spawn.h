// The pieces of one child process: its pipes and its posix_spawn.
#ifndef JETTYFLEET_AGENT_SPAWN_H_
#define JETTYFLEET_AGENT_SPAWN_H_

#include <spawn.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jettyfleet {

// Closes on destruction; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { Reset(-1); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void Reset(int fd);
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// What comes through one pipe from a child. Owned by whoever started it; loop thread only.
class ChildOutput {
 public:
  ~ChildOutput() { Stop(); }

  // Returns 0 or an errno. On 0 `*write_end` is the child's side, to be closed here once the child has it.
  int Open(sd_event* event, std::size_t limit_bytes, Descriptor* write_end);

  // Takes what is there without waiting for more, then stops. A pipe holds little, so this ends soon even where a
  // process that left the group goes on writing.
  void Drain();

  bool overflowed() const { return overflowed_; }
  std::string TakeText() { return std::move(text_); }

 private:
  // One buffer a turn of the loop, so that a child that never stops writing starves nobody.
  static int OnReadable(sd_event_source*, int, uint32_t, void* output);
  // False: nothing there now.
  bool ReadOnce();
  void Stop();

  Descriptor fd_;
  sd_event_source* source_ = nullptr;
  std::size_t limit_bytes_ = 0;
  std::string text_;
  bool overflowed_ = false;
};

// Starts `program` (a path): /dev/null on stdin, the two descriptors on stdout and stderr, nothing else open, no signal
// blocked or ignored, a process group of its own, and PATH and LC_ALL=C as its whole environment. Returns 0 or an
// errno.
int SpawnInOwnGroup(const std::string& program, const std::vector<std::string>& argv, int out_fd, int err_fd,
                    pid_t* pid);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_SPAWN_H_
