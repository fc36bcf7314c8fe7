// What Pacemaker was expected to do with an act on a node, held against what it did. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_COMPARE_TRANSITION_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_COMPARE_TRANSITION_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proto/audit.pb.h"

namespace jettyfleet {

// A primitive and the node that it runs on.
using ResourcePlace = std::pair<std::string, std::string>;

// `before` and `after` hold where instances ran when the act was done and when the cluster had come to rest; `restarts`
// where another process was seen than before, though the instance ran there both times. Everything that was not
// predicted, and everything predicted that did not come, ordered by resource and node.
std::vector<v1::Surprise> CompareTransition(const v1::PredictedTransition& predicted,
                                            const std::set<ResourcePlace>& before, const std::set<ResourcePlace>& after,
                                            const std::set<ResourcePlace>& restarts);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_COMPARE_TRANSITION_H_
