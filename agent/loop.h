// The agent's event loop: sd-event with a way in for other threads.
#ifndef JETTYFLEET_AGENT_LOOP_H_
#define JETTYFLEET_AGENT_LOOP_H_

#include <systemd/sd-event.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mutex.h"

namespace jettyfleet {

// A pending call on a Loop; destroying it cancels the call. Loop thread only.
class Timer {
 public:
  Timer(sd_event* event, absl::Duration delay, absl::Duration accuracy, std::function<void()> call);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  static int OnTime(sd_event_source* source, uint64_t usec, void* timer);
  sd_event_source* source_ = nullptr;
  std::function<void()> call_;
};

// Owned by main, outlives everything that uses it. Run, After and event() belong to the thread that created it; Post
// may be called from any thread.
class Loop {
 public:
  static absl::StatusOr<std::unique_ptr<Loop>> Create();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until Exit. Returns the code given to it.
  int Run();
  void Exit(int code);

  // Runs `call` on the loop's thread, in order of posting.
  void Post(std::function<void()> call);

  // Calls once after `delay`, at most `accuracy` late (a coarse one lets the kernel batch wake-ups).
  [[nodiscard]] std::unique_ptr<Timer> After(absl::Duration delay, std::function<void()> call,
                                             absl::Duration accuracy = absl::Milliseconds(1));

  // For attaching sd-bus and descriptors. Borrowed.
  sd_event* event() const { return event_; }

 private:
  Loop(sd_event* event, int wake_fd);
  static int OnWake(sd_event_source* source, int fd, uint32_t events, void* loop);

  sd_event* const event_;
  const int wake_fd_;
  sd_event_source* wake_source_ = nullptr;
  Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_LOOP_H_
