// The rolling engine: what an operation does next, as a pure function. It holds nothing, reads no clock and does no
// I/O; equal inputs give equal outputs. The runner (coordinator/runner) makes its decisions durable and carries them
// out.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_DECIDE_H_
#define JETTYFLEET_COORDINATOR_ROLLING_DECIDE_H_

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/rolling/decision.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// When `records` is not empty, apply them and decide again at once: a decision goes no further than what has to be
// durable first. An ended operation decides nothing.
Decision Decide(const Operation& operation, const ClusterView& view, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_DECIDE_H_
