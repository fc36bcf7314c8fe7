// `route apply`: the load balancers as described, and all of them the same.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_RECONCILE_RUN_H_
#define JETTYFLEET_COORDINATOR_ROUTE_RECONCILE_RUN_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/route/action_tour.h"
#include "coordinator/route/reconcile_plan.h"
#include "coordinator/route/route_run.h"

namespace jettyfleet {

// Ends with OK only when nothing is left to do by what was seen after the last step, and nothing is left alone that
// should not be as it is; what is, is said.
class ReconcileRun final : public RouteRun {
 public:
  // `hands` outlives it. What was observed before `began` does not count.
  ReconcileRun(bool take_over, const RouteHands& hands, absl::Time began);

  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now) override;

 private:
  // Looks until every connected load balancer has been seen since `since`; false: not yet.
  bool Seen(const ClusterView& view, absl::Time since, absl::Time now);
  std::optional<absl::Status> Settle(const ClusterView& view, absl::Time now);
  absl::Status End(const ReconcilePlan& plan, absl::Time now);

  const bool take_over_;
  const RouteHands& hands_;
  const absl::Time began_;
  std::optional<ActionTour> tour_;
  std::set<std::string> made_ready_;  // servers by name
  bool changed_ = false;
  bool settling_ = false;
  absl::Time settling_since_ = absl::InfinitePast();
  absl::Time looked_at_ = absl::InfinitePast();
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_RECONCILE_RUN_H_
