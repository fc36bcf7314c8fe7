// The gate before a node is touched: everything that has to be true, and seen to be true after the gate began. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_GATE_H_
#define JETTYFLEET_COORDINATOR_ROLLING_GATE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

struct GateProblem {
  enum Kind {
    kFirm,     // does not pass by itself: the gate refuses
    kSettles,  // may pass by itself, like a transition under way: the gate waits
    kNotSeen,  // not observed since the gate began: nothing is judged firm before it is
  };
  std::string text;  // one line: what, where, what to do where that is not plain
  Kind kind = kFirm;
};

enum class GateScope {
  kBeforeVisit,  // nothing of this visit is in force
  kBeforeAct,    // the node's servers are out of rotation by our hand; everything else is judged again
};

// Empty: the node may be visited. Facts read before `since` count as not seen.
std::vector<GateProblem> JudgeGate(const Operation& operation, const ClusterView& view, const std::string& node,
                                   GateScope scope, absl::Time since, absl::Time now);

// The first problems in one line.
std::string Describe(const std::vector<GateProblem>& problems);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_GATE_H_
