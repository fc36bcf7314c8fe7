#include "coordinator/core/core_loop.h"

namespace jettyfleet {

void CoreLoop::Run() {
  MutexLock lock(mutex_);
  while (!stopped_) {
    std::vector<std::function<void()>> due;
    due.swap(posted_);
    const absl::Duration now = clock_.MonotonicNow();
    while (!timers_.empty() && timers_.begin()->first <= now) {
      due.push_back(std::move(timers_.begin()->second));
      timers_.erase(timers_.begin());
    }
    if (due.empty()) {
      if (timers_.empty()) {
        changed_.wait(lock);
      } else {
        changed_.wait_for(lock, absl::ToChronoNanoseconds(timers_.begin()->first - now));
      }
      continue;
    }
    lock.unlock();
    for (std::function<void()>& call : due) call();
    lock.lock();
  }
}

void CoreLoop::Stop() {
  const MutexLock lock(mutex_);
  stopped_ = true;
  changed_.notify_one();
}

void CoreLoop::Post(std::function<void()> call) {
  const MutexLock lock(mutex_);
  posted_.push_back(std::move(call));
  changed_.notify_one();
}

void CoreLoop::PostAfter(absl::Duration delay, std::function<void()> call) {
  const MutexLock lock(mutex_);
  timers_.emplace(clock_.MonotonicNow() + delay, std::move(call));
  changed_.notify_one();
}

}  // namespace jettyfleet
