// The cluster's view and each load balancer's, side by side, and what of them disagrees. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_SHOW_H_
#define JETTYFLEET_COORDINATOR_ROUTE_SHOW_H_

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/route.pb.h"

namespace jettyfleet {

// Only what was observed at `since` or later counts; the rest is unknown, and unknown is no agreement. `now` is for the
// ends of leases.
v1::RouteShowResponse ShowRoute(const ClusterView& view, absl::Time since, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_SHOW_H_
