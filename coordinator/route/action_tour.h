// Actions carried out one after the other.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_ACTION_TOUR_H_
#define JETTYFLEET_COORDINATOR_ROUTE_ACTION_TOUR_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/route/route_run.h"

namespace jettyfleet {

struct RouteStep {
  std::string host;  // the load balancer that is told
  std::string what;  // "lb-01 jetty/node-02: drain"
  std::string found;
  v1::Action action;
};

// Core thread only; part of a RouteRun.
class ActionTour {
 public:
  ActionTour(const RouteHands& hands, std::vector<RouteStep> steps) : hands_(hands), steps_(std::move(steps)) {}

  // Each that is done is said. nullopt while one is under way, OK when all are done; else what became of the one at
  // which it ended: FailedPrecondition (refused, or it could not be sent), Internal (failed, or its outcome is not
  // known).
  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now);

  // How many may be in force: those that were told, unless the last of them was refused.
  std::size_t told() const { return told_; }

 private:
  const RouteHands& hands_;
  const std::vector<RouteStep> steps_;
  std::size_t next_ = 0;
  std::size_t told_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_ACTION_TOUR_H_
