// Whether traffic may be shifted onto nodes, and what has to be tried first. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_SHIFT_GATE_H_
#define JETTYFLEET_COORDINATOR_ROUTE_SHIFT_GATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/probe/session_walk.h"

namespace jettyfleet {

struct ShiftOrder {
  std::vector<std::string> nodes;
  std::vector<uint32_t> steps;  // per cent of the configured weight
  absl::Duration hold;
  uint32_t budget_failures = 0;
};

// InvalidArgument: the order makes no sense. FailedPrecondition, which names the description's key or the server: the
// application is not attested to run in parallel, its sessions or traffic are not described, a node is in service
// already, or is not held out of it by a lease of ours, a weight is too small to be a few per cent of, or no other node
// serves.
absl::Status CheckShift(const ClusterView& view, const ShiftOrder& order, absl::Time since);

// How sessions are tried.
//
// Any node is to answer any session (affinity none, or a store that is read for each request): one session alternates
// between a new and a serving node, directly, and must be kept. Otherwise a node's own memory makes it regress there by
// design, and what must hold is the affinity: one session through each load balancer must stay with its node, once the
// new nodes take part.
bool AlternatesDirectly(const v1::SessionsDescription& sessions);
absl::StatusOr<WalkOrder> DirectWalk(const ClusterView& view, const ShiftOrder& order);
// Empty: it was kept. Otherwise one line what became of it. `may_move`: between nodes that alternate.
std::string WhyNotKept(const WalkAnswer& walked, bool may_move);

// Empty: what clients felt in one step is within the budget; `may_move` as above.
std::string OverspentStep(const v1::TrafficSummary& felt, uint32_t failures_before, uint32_t budget_failures,
                          bool may_move);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_SHIFT_GATE_H_
