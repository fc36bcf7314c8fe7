#include "agent/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace jettyfleet {

Timer::Timer(sd_event* event, absl::Duration delay, absl::Duration accuracy, std::function<void()> call)
    : call_(std::move(call)) {
  const uint64_t usec = delay <= absl::ZeroDuration() ? 0 : absl::ToInt64Microseconds(delay);
  const int made = sd_event_add_time_relative(event, &source_, CLOCK_BOOTTIME, usec,
                                              absl::ToInt64Microseconds(accuracy), &Timer::OnTime, this);
  if (made < 0) {
    LogError(absl::StrCat("cannot add a timer to the event loop: errno ", -made));
    std::abort();  // a lost timer would be a wait that never ends
  }
}

Timer::~Timer() { sd_event_source_disable_unref(source_); }

int Timer::OnTime(sd_event_source*, uint64_t, void* timer) {
  // The call may destroy its own Timer.
  const std::function<void()> call = std::move(static_cast<Timer*>(timer)->call_);
  call();
  return 0;
}

absl::StatusOr<std::unique_ptr<Loop>> Loop::Create() {
  sd_event* event = nullptr;
  int result = sd_event_new(&event);
  if (result < 0) return absl::InternalError(absl::StrCat("sd_event_new: errno ", -result));
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    sd_event_unref(event);
    return absl::InternalError(absl::StrCat("eventfd: errno ", errno));
  }
  std::unique_ptr<Loop> loop(new Loop(event, fd));
  result = sd_event_add_io(event, &loop->wake_source_, fd, EPOLLIN, &Loop::OnWake, loop.get());
  if (result < 0) return absl::InternalError(absl::StrCat("sd_event_add_io: errno ", -result));
  return loop;
}

Loop::Loop(sd_event* event, int wake_fd) : event_(event), wake_fd_(wake_fd) {}

Loop::~Loop() {
  sd_event_source_disable_unref(wake_source_);
  close(wake_fd_);
  sd_event_unref(event_);
}

int Loop::Run() { return sd_event_loop(event_); }

void Loop::Exit(int code) { sd_event_exit(event_, code); }

void Loop::Post(std::function<void()> call) {
  {
    const MutexLock lock(mutex_);
    posted_.push_back(std::move(call));
  }
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

std::unique_ptr<Timer> Loop::After(absl::Duration delay, std::function<void()> call, absl::Duration accuracy) {
  return std::make_unique<Timer>(event_, delay, accuracy, std::move(call));
}

int Loop::OnWake(sd_event_source*, int fd, uint32_t, void* loop) {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = read(fd, &count, sizeof count);
  Loop* const self = static_cast<Loop*>(loop);
  std::vector<std::function<void()>> calls;
  {
    const MutexLock lock(self->mutex_);
    calls.swap(self->posted_);
  }
  for (std::function<void()>& call : calls) call();
  return 0;
}

}  // namespace jettyfleet
