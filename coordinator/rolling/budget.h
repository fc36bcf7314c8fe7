// What the clients of the load balancer may suffer, and whether they suffered more. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_BUDGET_H_
#define JETTYFLEET_COORDINATOR_ROLLING_BUDGET_H_

#include <optional>
#include <string>

#include "coordinator/fleet/view.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// One line what was overspent; nullopt while the budget holds. Counts that an earlier life of the coordinator wrote
// into ended visits are added to what this life's probe has seen since.
std::optional<std::string> OverspentBudget(const Operation& operation, const ClusterView& view);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_BUDGET_H_
