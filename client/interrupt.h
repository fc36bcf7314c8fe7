// Ctrl-C, turned into a call.
#ifndef JETTYFLEET_CLIENT_INTERRUPT_H_
#define JETTYFLEET_CLIENT_INTERRUPT_H_

#include <condition_variable>
#include <functional>
#include <thread>

#include "common/mutex.h"
#include "absl/time/time.h"

namespace jettyfleet {

// While it lives, SIGINT and SIGTERM do not end the program. At most one at a time. Calls are made on a thread of its
// own; everything else may be called from any thread.
class InterruptWatch {
 public:
  InterruptWatch();
  // Gives the signals their former meaning back.
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Calls `call` at the next signal, or at once where one has come already. An empty one takes it back: after that has
  // returned, the earlier one is not running and will not run.
  void OnInterrupt(std::function<void()> call);

  bool interrupted() const;

  // Returns early, with true, at a signal.
  bool Sleep(absl::Duration duration);

 private:
  void Run();

  int wake_[2] = {-1, -1};
  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> call_ ABSL_GUARDED_BY(mutex_);  // the mutex is held while it runs
  std::thread thread_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_INTERRUPT_H_
