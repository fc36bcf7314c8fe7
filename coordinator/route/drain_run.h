// `route drain NODE`: out of every load balancer, on a lease.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_DRAIN_RUN_H_
#define JETTYFLEET_COORDINATOR_ROUTE_DRAIN_RUN_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/route/action_tour.h"
#include "coordinator/route/route_run.h"

namespace jettyfleet {

struct DrainOrder {
  std::string node;
  absl::Duration lease;
  absl::Duration deadline;  // for sessions to end by themselves
};

// Drain, until no session is left or the deadline passes; then maint, until no session is left. A node that is on a
// lease of ours already stays so, for longer. What goes wrong before all load balancers have been told is taken back.
class DrainRun final : public RouteRun {
 public:
  // `hands` outlives it. What was observed before `began` does not count.
  DrainRun(DrainOrder order, const RouteHands& hands, absl::Time began);

  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now) override;

 private:
  enum class Phase { kGate, kTellDrain, kDraining, kTellMaint, kEmptying, kGiveBack };

  void Enter(Phase phase, absl::Time now);
  void BeginTour(v1::LbServerFact::AdminState state, const ClusterView& view, absl::Time now);
  std::optional<absl::Status> TellAll(const ClusterView& view, absl::Time now);
  // Sessions on all of the node's servers as seen in this phase; nullopt: not seen yet.
  std::optional<uint64_t> Sessions(const ClusterView& view) const;
  void Look(const ClusterView& view, absl::Time now);
  void BeginGiveBack(absl::Status verdict, const ClusterView& view, absl::Time now);
  absl::Status Ended(const ClusterView& view, absl::Time now);

  const DrainOrder order_;
  const RouteHands& hands_;
  const absl::Time began_;
  Phase phase_ = Phase::kGate;
  absl::Time phase_began_;
  absl::Time looked_at_ = absl::InfinitePast();
  std::optional<ActionTour> tour_;
  std::set<std::string> leased_before_;  // servers by name
  absl::Status verdict_;
};

// The lease that a change may use on a server: the one of ours that is on it, or a new one named after the change.
std::string ServerLeaseId(const std::string& change_id, const ClusterView& view, const std::string& server_name);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_DRAIN_RUN_H_
