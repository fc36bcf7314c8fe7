// Desired state and observed state in, an ordered list of typed steps out. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_PLANNER_H_
#define JETTYFLEET_COORDINATOR_PLAN_PLANNER_H_

#include <set>
#include <string>

#include "coordinator/fleet/view.h"
#include "coordinator/plan/plan.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// All that brings `view` into line with `description`, in the order in which it is to be done. No steps and no refusal:
// nothing differs. Believes the view; that it is fresh, of the DC with quorum and idle is for the caller to see to.
// Without a DC with quorum it refuses. `description` has been validated and its units are named (unit_choice.h).
Plan MakePlan(const v1::ClusterDescription& description, const ClusterView& view);

// The part of one resource, for judging it. `view` has a DC with quorum.
Plan PlanOfResource(const v1::ClusterDescription& description, const v1::ResourceDescription& resource,
                    const ClusterView& view);

// The described nodes, or all of the cluster's where none are described. Empty without a DC with quorum.
std::set<std::string> AllowedNodes(const v1::ClusterDescription& description, const ClusterView& view);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_PLANNER_H_
