// `route restore NODE`: back into every load balancer.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_RESTORE_RUN_H_
#define JETTYFLEET_COORDINATOR_ROUTE_RESTORE_RUN_H_

#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "coordinator/route/action_tour.h"
#include "coordinator/route/route_run.h"

namespace jettyfleet {

// The node answers by itself → ready → HAProxy's own check has passed since. The order matters: HAProxy calls a server
// UP from `ready` on, before its first check. What somebody else has drained is refused.
class RestoreRun final : public RouteRun {
 public:
  // `hands` outlives it. What was observed before `began` does not count.
  RestoreRun(std::string node, const RouteHands& hands, absl::Time began);

  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now) override;

 private:
  enum class Phase { kGate, kAnswer, kTell, kCheck };

  std::optional<absl::Status> Gate(const ClusterView& view, absl::Time now);
  std::optional<absl::Status> AwaitAnswer(const ClusterView& view, absl::Time now);
  std::optional<absl::Status> AwaitCheck(const ClusterView& view, absl::Time now);
  void Enter(Phase phase, absl::Time now);

  const std::string node_;
  const RouteHands& hands_;
  const absl::Time began_;
  Phase phase_ = Phase::kGate;
  absl::Time phase_began_;
  absl::Time looked_at_ = absl::InfinitePast();
  std::optional<ActionTour> tour_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_RESTORE_RUN_H_
