// Where a decision's effects go. Implemented over the agents' streams and the traffic probe, and by tests.
#ifndef JETTYFLEET_COORDINATOR_RUNNER_DISPATCHER_H_
#define JETTYFLEET_COORDINATOR_RUNNER_DISPATCHER_H_

#include <string>

#include "absl/time/time.h"
#include "coordinator/rolling/decision.h"

namespace jettyfleet {

// Core thread only. Nothing here blocks, and nothing calls back into the runner before it returns.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  // To the agent of `action.host`. Dropped when it is not connected: the missing answer tells.
  virtual void Send(const SendAction& action) = 0;
  // Dropped while one at least as wide is in flight to that host, and when it is not connected.
  virtual void Observe(const ObserveHost& observe) = 0;
  virtual void Traffic(const TrafficCommand& command) = 0;
  // Calls the operation's Step at `time` or soon after. A later call for the same operation replaces an earlier one.
  virtual void WakeAt(const std::string& operation_id, absl::Time time) = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_RUNNER_DISPATCHER_H_
