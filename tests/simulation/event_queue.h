// Simulated time: events in order of their time, ties in order of their making. The clock of everything simulated.
#ifndef JETTYFLEET_TESTS_SIMULATION_EVENT_QUEUE_H_
#define JETTYFLEET_TESTS_SIMULATION_EVENT_QUEUE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"

namespace jettyfleet {

class EventQueue final : public Clock {
 public:
  explicit EventQueue(absl::Time start) : start_(start), now_(start) {}

  absl::Time WallNow() const override { return now_; }
  absl::Duration MonotonicNow() const override { return now_ - start_; }

  void At(absl::Time time, std::function<void()> call) {
    events_.push_back({time < now_ ? now_ : time, next_++, std::move(call)});
    std::push_heap(events_.begin(), events_.end(), IsLater);
  }
  void After(absl::Duration delay, std::function<void()> call) { At(now_ + delay, std::move(call)); }

  // False when nothing is left to happen before `end`; the time is then `end`.
  bool RunNext(absl::Time end) {
    if (events_.empty() || events_.front().time > end) {
      now_ = end;
      return false;
    }
    std::pop_heap(events_.begin(), events_.end(), IsLater);
    const Event event = std::move(events_.back());
    events_.pop_back();
    now_ = event.time;
    event.call();
    return true;
  }

 private:
  struct Event {
    absl::Time time;
    uint64_t number;
    std::function<void()> call;
  };
  static bool IsLater(const Event& a, const Event& b) {
    return a.time != b.time ? a.time > b.time : a.number > b.number;
  }

  const absl::Time start_;
  absl::Time now_;
  uint64_t next_ = 0;
  std::vector<Event> events_;  // a heap: a schedule has some thousand events, so its tree's nodes would cost much
};

// One seed's chances. mt19937_64 gives the same numbers everywhere; the standard's distributions do not.
class Chance {
 public:
  explicit Chance(uint64_t seed) : generator_(seed) {}

  uint64_t Below(uint64_t bound) { return generator_() % bound; }
  bool Percent(int percent) { return static_cast<int>(Below(100)) < percent; }
  absl::Duration Between(absl::Duration least, absl::Duration most) {
    return least + absl::Milliseconds(Below(absl::ToInt64Milliseconds(most - least) + 1));
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_EVENT_QUEUE_H_
