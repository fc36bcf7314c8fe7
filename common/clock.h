// The clock seam: wall time for records and people, monotonic time for intervals.
#ifndef JETTYFLEET_COMMON_CLOCK_H_
#define JETTYFLEET_COMMON_CLOCK_H_

#include "absl/time/time.h"

namespace jettyfleet {

// Any thread may call it. Owned by main (or a test) and outlives its users.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time WallNow() const = 0;
  // Time since an unspecified start; never goes back, does not stop in suspend.
  virtual absl::Duration MonotonicNow() const = 0;
};

// CLOCK_REALTIME and CLOCK_BOOTTIME.
const Clock& SystemClock();

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_CLOCK_H_
