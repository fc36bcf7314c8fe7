// std::mutex with Clang's thread-safety annotations: what a mutex guards is checked by `bazel build --config=clang`.
// Not absl::Mutex: Debian's prebuilt one makes the thread sanitizer report races that are none.
#ifndef JETTYFLEET_COMMON_MUTEX_H_
#define JETTYFLEET_COMMON_MUTEX_H_

#include <mutex>

#include "absl/base/thread_annotations.h"

namespace jettyfleet {

class ABSL_LOCKABLE Mutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds it for the length of a scope; may let go and take it again within.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() {
    if (held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() ABSL_UNLOCK_FUNCTION() {
    held_ = false;
    mutex_.unlock();
  }
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    mutex_.lock();
    held_ = true;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_MUTEX_H_
