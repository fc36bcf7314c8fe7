// The coordinator's one core thread: it owns all mutable state, and everything else posts to it.
#ifndef JETTYFLEET_COORDINATOR_CORE_CORE_LOOP_H_
#define JETTYFLEET_COORDINATOR_CORE_CORE_LOOP_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"

namespace jettyfleet {

// Owned by main and outlives its users. Post, PostAfter and Stop may be called from any thread; calls run on the thread
// that is in Run, in order of posting, timers in order of their time.
class CoreLoop {
 public:
  explicit CoreLoop(const Clock& clock) : clock_(clock) {}
  CoreLoop(const CoreLoop&) = delete;
  CoreLoop& operator=(const CoreLoop&) = delete;

  void Run();
  // Ends Run after the call that is running; calls still queued are dropped.
  void Stop();

  void Post(std::function<void()> call);
  // Measured on the monotonic clock.
  void PostAfter(absl::Duration delay, std::function<void()> call);

 private:
  const Clock& clock_;
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Duration, std::function<void()>> timers_ ABSL_GUARDED_BY(mutex_);  // by monotonic time
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_CORE_CORE_LOOP_H_
