// Which nodes a drill visits, and which one next. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_ORDER_H_
#define JETTYFLEET_COORDINATOR_ROLLING_ORDER_H_

#include <set>
#include <string>
#include <vector>

namespace jettyfleet {

// By name; the coordinator's own node after the others, and the DC after all: each later move of the DC or loss of the
// coordinator's node would disturb the visits that follow it.
std::vector<std::string> VisitingOrder(const std::set<std::string>& nodes, const std::string& dc,
                                       const std::string& coordinator_node);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_ORDER_H_
