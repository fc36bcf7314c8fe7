// `route shift NODE...`: traffic onto new members, a few per cent at first.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_SHIFT_RUN_H_
#define JETTYFLEET_COORDINATOR_ROUTE_SHIFT_RUN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/probe/session_walk.h"
#include "coordinator/probe/traffic_probe.h"
#include "coordinator/route/action_tour.h"
#include "coordinator/route/restore_run.h"
#include "coordinator/route/route_run.h"
#include "coordinator/route/shift_gate.h"

namespace jettyfleet {

// What a shift needs beside RouteHands.
struct ShiftSeams {
  // Walks on a thread of its own; `done` is called on the core thread, once.
  std::function<void(WalkOrder, std::function<void(WalkAnswer)> done)> walk;
  std::function<std::unique_ptr<TrafficProbe>()> make_probe;
};

// The nodes are out of service on a lease of ours when it begins. Their weights are lowered first, on leases of their
// own; then they come back one by one, as `route restore` does it; then the weights rise, step by step, each watched by
// new clients for as long as the order says. Sessions are tried before (shift_gate.h). What goes wrong once a node is
// back takes all of them out of service again, on leases, with the weights as they were.
class ShiftRun final : public RouteRun {
 public:
  // `hands` outlives it. What was observed before `began` does not count.
  ShiftRun(ShiftOrder order, const RouteHands& hands, ShiftSeams seams, absl::Time began);

  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now) override;

 private:
  enum class Phase { kGate, kDirectWalk, kWeights, kRestore, kBalancerWalk, kHold, kCount, kFinish, kBack };

  void Enter(Phase phase, absl::Time now);
  std::optional<absl::Status> Gate(const ClusterView& view, absl::Time now);
  void BeginWalk(WalkOrder order);
  std::optional<absl::Status> DirectWalkEnded(absl::Time now);
  void BeginWeights(v1::SetLbWeight::Mode mode, const ClusterView& view);
  void WeightsEnded(const ClusterView& view, absl::Time now);
  void RestoreNodes(const ClusterView& view, absl::Time now);
  void WalkBalancers(const ClusterView& view, absl::Time now);
  void Hold(const ClusterView& view, absl::Time now);
  void CountStep(const ClusterView& view, absl::Time now);
  void Fail(const std::string& why, const ClusterView& view, absl::Time now);
  std::optional<absl::Status> Back(const ClusterView& view, absl::Time now);
  std::string StepName() const;

  const ShiftOrder order_;
  const RouteHands& hands_;
  const ShiftSeams seams_;
  const absl::Time began_;
  Phase phase_ = Phase::kGate;
  absl::Time phase_began_;
  bool may_move_ = false;  // a session may go from node to node
  std::shared_ptr<std::optional<WalkAnswer>> walked_;
  std::vector<std::string> urls_;  // of the load balancers that are still to be walked through
  bool walked_through_ = false;    // the load balancers
  std::optional<ActionTour> tour_;
  std::vector<RouteStep> back_;          // what is still to be taken back, the next one last
  std::vector<std::string> not_back_;    // what could not be
  std::size_t restored_ = 0;             // nodes
  std::unique_ptr<RestoreRun> restore_;  // of the next node
  std::size_t step_ = 0;
  std::unique_ptr<TrafficProbe> probe_;
  uint32_t failures_ = 0;  // in the steps before
  bool in_service_ = false;
  std::string why_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_SHIFT_RUN_H_
