// What an operation may have in force, and whether it is undone: a pure reading of its actions against the view. A
// lease is one thing of ours that ends by itself: a rule or standby set in the CIB, a server held out of rotation, or a
// fault in force on a node.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_LEASES_H_
#define JETTYFLEET_COORDINATOR_ROLLING_LEASES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// "jettyfleet-OPERATION-NODE", in the characters that a lease id may have; other characters become dashes and a hash of
// the name follows, so that two nodes never share one.
std::string CibLeaseId(const std::string& operation_id, const std::string& node);
// The node's `index`th server behind load balancers, in lease and action ids: "lb", "lb2". Short, since ids are
// bounded.
std::string LbName(int index);
// "jettyfleet-OPERATION-NODE-fault".
std::string FaultLeaseId(const std::string& operation_id, const std::string& node);
// "jettyfleet-OPERATION-NODE-lb".
std::string LbLeaseId(const std::string& operation_id, const std::string& node, int index);

struct Lease {
  std::string id;
  std::string node;
  bool in_cib = false;
  bool on_node = false;
  // Whose agent holds it, where it is not in the CIB.
  std::string host;
  // Load balancer leases only.
  std::string backend;
  std::string server;

  std::vector<const IssuedAction*> acts;   // what armed it, oldest first
  std::vector<const IssuedAction*> undos;  // what was to take it back

  // Every act was refused before it changed anything.
  bool never_in_force = true;
  // No act can still be about to run.
  bool acts_over = true;
  absl::Time acts_over_at = absl::InfinitePast();
  // Between these the lease ends by itself: computed from when it may have been armed.
  absl::Time earliest_end = absl::InfinitePast();
  absl::Time latest_end = absl::InfinitePast();

  bool at_balancer() const { return !in_cib && !on_node; }
  const IssuedAction* LastUndo() const { return undos.empty() ? nullptr : undos.back(); }
};

// All leases that the operation ever asked for, in the order of their first act; borrowed pointers into `operation`.
std::vector<Lease> LeasesOf(const Operation& operation);

enum class LeaseState {
  kSettled,    // seen undone, never in force, or over by itself
  kWaiting,    // nothing can be done now: an answer, quorum or the agent is awaited
  kNeedsLook,  // a fresh observation has to come first
  kNeedsUndo,
};

LeaseState JudgeLease(const Lease& lease, const Operation& operation, const ClusterView& view, absl::Time now);

// Does what the lease's state asks for: an observation, an undo, a wake-up. True when it is settled.
bool PursueUndo(const Lease& lease, Desk* desk);

// The same for all of the operation's leases in the CIB; with `node` not empty, for that node's.
bool PursueCibUndo(const std::string& node, Desk* desk);

// The same for faults in force on nodes. It waits for nobody's quorum.
bool PursueFaultUndo(const std::string& node, Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_LEASES_H_
