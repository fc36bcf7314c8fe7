// A clock that stands still until it is told otherwise.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_FAKE_CLOCK_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_FAKE_CLOCK_H_

#include "common/clock.h"

namespace jettyfleet {

class FakeClock final : public Clock {
 public:
  absl::Time WallNow() const override { return wall_; }
  absl::Duration MonotonicNow() const override { return monotonic_; }

  void Advance(absl::Duration duration) {
    wall_ += duration;
    monotonic_ += duration;
  }

 private:
  absl::Time wall_ = absl::FromUnixSeconds(1763900000) + absl::Milliseconds(250);  // 2025-11-23T12:13:20.25Z
  absl::Duration monotonic_ = absl::Hours(1);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_FAKE_CLOCK_H_
