// Whether a node answers slower with what was rolled out than it did before, by what clients felt. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_SLOWER_H_
#define JETTYFLEET_COORDINATOR_ROLLING_SLOWER_H_

#include <optional>
#include <string>

#include "coordinator/fleet/view.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// The traffic's window in which a node is watched after its visit.
std::string BakeWindow(const std::string& node);

// The node's own median while it is watched, against its own in the baseline before its visit; nothing where the budget
// does not judge it, where it is within the budget, or where either has too few answers to tell: kFewestAnswers, and
// kManyAnswers as long as the watch is not over, since the first are those of a Java program that has just been
// started. Both are of answers that traffic.node_pattern told the node of.
std::optional<std::string> Slower(const Operation& operation, const ClusterView& view, const NodeVisit& visit,
                                  bool is_over);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_SLOWER_H_
