// What changes of the load balancers have in common: how they are driven, and what they reach.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_ROUTE_RUN_H_
#define JETTYFLEET_COORDINATOR_ROUTE_ROUTE_RUN_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/apply/action_flight.h"
#include "coordinator/fleet/view.h"
#include "proto/route.pb.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// The effects of a run; they outlive it.
struct RouteHands {
  std::string id;  // of the change; leases are named after it
  ActionFlight* flight = nullptr;
  std::function<void(const std::string& host, const v1::Observe&)> observe;
  std::function<void(const v1::RouteProgress&)> progress;

  void Say(v1::RouteProgress::State state, const std::string& step, const std::string& detail, absl::Time now) const;
  // Has every load balancer read its servers again.
  void LookAtServers(const ClusterView& view) const;
};

// One change. Core thread only. Driven by Step, which its owner calls at least every 250 ms; it decides nothing
// anywhere else, and waits by observing.
class RouteRun {
 public:
  virtual ~RouteRun() = default;

  // Its end: OK, FailedPrecondition (a gate or an agent refused, and nothing of this change is in force), or Internal
  // (it is not done; the message says what is in force). nullopt while it goes on.
  virtual std::optional<absl::Status> Step(const ClusterView& view, absl::Time now) = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_ROUTE_RUN_H_
