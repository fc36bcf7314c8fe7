#include "common/clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace jettyfleet {
namespace {

class RealClock final : public Clock {
 public:
  absl::Time WallNow() const override { return absl::Now(); }

  absl::Duration MonotonicNow() const override {
    timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }
};

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

}  // namespace jettyfleet
