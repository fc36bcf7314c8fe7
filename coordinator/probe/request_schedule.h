// When requests are due: at a fixed rate, whatever became of the ones before.
#ifndef JETTYFLEET_COORDINATOR_PROBE_REQUEST_SCHEDULE_H_
#define JETTYFLEET_COORDINATOR_PROBE_REQUEST_SCHEDULE_H_

#include <cstdint>

#include "absl/time/time.h"

namespace jettyfleet {

// A plain value. Times are of one monotonic clock. Every due time is computed from the start, so that late wake-ups and
// rounding never add up.
class RequestSchedule {
 public:
  // `requests_per_second` is above 0. The first request is due at `start`.
  RequestSchedule(absl::Duration start, uint32_t requests_per_second)
      : start_(start), requests_per_second_(requests_per_second) {}

  absl::Duration NextDue() const {
    return start_ + absl::Seconds(next_ / requests_per_second_) +
           absl::Seconds(next_ % requests_per_second_) / requests_per_second_;
  }

  // True: a request is due at or before `now`; its time is in `due`, and the schedule goes on to the next.
  bool TakeDue(absl::Duration now, absl::Duration* due) {
    *due = NextDue();
    if (*due > now) return false;
    ++next_;
    return true;
  }

 private:
  absl::Duration start_;
  int64_t requests_per_second_;
  int64_t next_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_REQUEST_SCHEDULE_H_
