// Whether a node may be taken out of the load balancers. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_DRAIN_GATE_H_
#define JETTYFLEET_COORDINATOR_ROUTE_DRAIN_GATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"

namespace jettyfleet {

// NotFound: no load balancer has a server of that node. FailedPrecondition: a load balancer was not seen since `since`,
// or fewer than min_serving other servers of the same resource would be ready, up and checked there.
absl::Status CheckDrain(const ClusterView& view, const std::string& node, absl::Time since);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_DRAIN_GATE_H_
