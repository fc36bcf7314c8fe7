// What brings one resource of a cluster into line with its description. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_RESOURCE_PLAN_H_
#define JETTYFLEET_COORDINATOR_PLAN_RESOURCE_PLAN_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "coordinator/plan/plan.h"
#include "proto/description.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// All as the DC with quorum sees it.
struct ResourceSituation {
  const v1::CibFact& cib;
  const v1::ClusterFact& cluster;
  // Nodes on which the resource may run; never empty.
  std::set<std::string> nodes;
  // Where its unit is active although no resource of the cluster runs it: an instance that would be stopped and started
  // again if the cluster took it up carelessly.
  std::set<std::string> active_outside;
};

// How many instances the description asks for: clone_max, or as many as there are allowed nodes.
uint32_t InstancesWanted(const v1::ResourceDescription& wanted, std::size_t allowed_nodes);

// The primitive that runs "systemd:UNIT", whatever its name; null when there is none. With more than one it is the
// first, and a plan refuses.
const v1::PrimitiveFact* FindResource(const v1::ResourceDescription& wanted, const v1::CibFact& cib);

// Appends to `plan`. A resource is matched by class and type ("systemd:UNIT"), never by its name. The order of the
// steps keeps instances running: a resource that is created while its unit is active outside of the cluster is taken up
// unmanaged, cloned, and only then managed; one that may not run everywhere is created stopped, confined, and then
// enabled. Create and clone are two steps, because `pcs resource create ... clone ... meta` puts clone-max on the
// primitive (pacemaker-facts, seen on pcs 0.11.5).
void PlanResource(const v1::ResourceDescription& wanted, const ResourceSituation& situation, Plan* plan);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_RESOURCE_PLAN_H_
