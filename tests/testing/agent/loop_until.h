// Runs an agent's loop in a test until something is true.
#ifndef JETTYFLEET_TESTS_TESTING_AGENT_LOOP_UNTIL_H_
#define JETTYFLEET_TESTS_TESTING_AGENT_LOOP_UNTIL_H_

#include <systemd/sd-event.h>

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/loop.h"

namespace jettyfleet {

// False: it was not true after `limit`, which is generous because machines that build are busy.
inline bool LoopUntil(Loop& loop, const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(20)) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    sd_event_run(loop.event(), static_cast<uint64_t>(absl::ToInt64Microseconds(left)) + 1);
  }
  return true;
}

// Lets everything happen that is due within `duration`: for what must not happen.
inline void LoopFor(Loop& loop, absl::Duration duration) {
  LoopUntil(
      loop, [] { return false; }, duration);
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_AGENT_LOOP_UNTIL_H_
