// What `route apply` does to the load balancers, and what it leaves alone and why. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_RECONCILE_PLAN_H_
#define JETTYFLEET_COORDINATOR_ROUTE_RECONCILE_PLAN_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/route/action_tour.h"

namespace jettyfleet {

struct RouteRemark {
  std::string subject;
  std::string what;
  bool as_meant = false;  // false: something is left that should not be so
};

struct ReconcilePlan {
  std::vector<RouteStep> steps;
  std::vector<RouteRemark> remarks;
};

// Addresses as described, weights as configured, servers ready that nobody holds out of service, and the state of one
// load balancer's lease on all. A lease of ours that has not ended is meant so: somebody's `route drain`. What no lease
// of ours holds is somebody else's, and made ready only with `take_over`. A server is made ready only when its node
// answers by itself. What was not observed since `since` is left alone. New leases are named after `change_id`.
ReconcilePlan PlanReconcile(const ClusterView& view, const std::string& change_id, bool take_over, absl::Time since,
                            absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_RECONCILE_PLAN_H_
