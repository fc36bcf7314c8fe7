// The clock of one simulated host: off by something, and a little too fast or too slow.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_CLOCK_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_CLOCK_H_

#include "absl/time/time.h"

namespace jettyfleet {

struct SimClock {
  absl::Duration offset;
  double drift = 0;  // seconds gained in a second
  absl::Time since;  // drifts from then on

  absl::Time At(absl::Time time) const { return time + offset + (time - since) * drift; }
  // When it shows `local`.
  absl::Time When(absl::Time local) const { return since + (local - since - offset) / (1 + drift); }
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_CLOCK_H_
