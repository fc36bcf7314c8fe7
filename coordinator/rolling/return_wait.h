// What a node that was given back is still waited for, in an operator's words. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_RETURN_WAIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_RETURN_WAIT_H_

#include <string>

#include "coordinator/fleet/view.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// By the step that the visit is at, RESTORE or later, and what was last reported of it: "HTTP as described (it answered
// 503)". What has not been reported is called so.
std::string WaitsFor(const Operation& operation, const ClusterView& view, const NodeVisit& visit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_RETURN_WAIT_H_
