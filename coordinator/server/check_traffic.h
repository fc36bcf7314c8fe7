// What a check asks of the load balancers: whether they lead to every node, and whether they keep a session where it
// is. Measured and not read from their configuration.
#ifndef JETTYFLEET_COORDINATOR_SERVER_CHECK_TRAFFIC_H_
#define JETTYFLEET_COORDINATOR_SERVER_CHECK_TRAFFIC_H_

#include <atomic>
#include <vector>

#include "coordinator/check/input.h"
#include "coordinator/probe/reach_check.h"

namespace jettyfleet {

// Four clients of four requests each, beside those that ask who answers. Blocks, at most 20 s for each question; any
// thread. `stop` ends it before the next request.
std::vector<TrafficLook> LookAtTraffic(const std::vector<ReachQuestion>& questions, const std::atomic<bool>& stop);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_CHECK_TRAFFIC_H_
