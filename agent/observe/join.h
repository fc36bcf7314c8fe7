// One call after several others.
#ifndef JETTYFLEET_AGENT_OBSERVE_JOIN_H_
#define JETTYFLEET_AGENT_OBSERVE_JOIN_H_

#include <functional>
#include <memory>
#include <utility>

namespace jettyfleet {

// Held by a shared_ptr; one thread. Calls `done` once, when Ready and every Part have been called. A part that is
// dropped without being called means that it is never called: who asked is gone as well.
class Join : public std::enable_shared_from_this<Join> {
 public:
  explicit Join(std::function<void()> done) : done_(std::move(done)) {}

  // To be called once.
  std::function<void()> Part() {
    ++awaited_;
    return [self = shared_from_this()] { self->Ready(); };
  }
  // No more parts will be made.
  void Ready() {
    if (--awaited_ == 0) done_();
  }

 private:
  const std::function<void()> done_;
  int awaited_ = 1;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_JOIN_H_
