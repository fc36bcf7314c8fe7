// Where instances may run, and what keeps them from it: constraints, failures, orphans. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_PLACEMENT_PLAN_H_
#define JETTYFLEET_COORDINATOR_PLAN_PLACEMENT_PLAN_H_

#include <set>
#include <string>

#include "coordinator/plan/plan.h"
#include "coordinator/plan/resource_plan.h"
#include "proto/description.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// The constraint that keeps `clone` off `node`, and that we know again as ours.
std::string AvoidId(const std::string& clone, const std::string& node);

// Keeps `clone` off the nodes that are not described, and removes what keeps it off those that are: location
// constraints without a rule and with -INFINITY on any of `targets` (the clone, its primitive). One with a rule ends by
// itself or is somebody's policy: a remark. Other scores are preferences: left alone, without a word,
// unless they speak for a node that is to be kept off: then `plan` refuses.
void PlanPlacement(const std::string& clone, const ResourceSituation& situation, const std::set<std::string>& targets,
                   Plan* plan);

// Has the cluster forget the failures of `found`, node by node, so that Pacemaker tries again.
void PlanFailures(const v1::PrimitiveFact& found, const v1::ClusterFact& cluster, Plan* plan);

// Has the cluster forget instances of the described unit whose resource is gone: they keep it busy. `found` may be
// null.
void PlanOrphans(const v1::ResourceDescription& wanted, const v1::PrimitiveFact* found, const v1::ClusterFact& cluster,
                 Plan* plan);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_PLACEMENT_PLAN_H_
