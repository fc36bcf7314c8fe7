// Pacemaker's own prediction of a step, and what came of it. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_PREDICTION_H_
#define JETTYFLEET_COORDINATOR_PLAN_PREDICTION_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/fleet/view.h"
#include "coordinator/plan/plan.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// What a step would do to instances that run.
struct Disruption {
  std::vector<std::string> instances;  // "RESOURCE on NODE"
  std::vector<std::string> nodes;
  // The prediction is missing and the step's kind does not speak for itself: nobody knows.
  bool unknown = false;
};

// `view` is what stands before the step. An instance that has failed is not one that runs. Cleaning up, disabling a
// unit at boot and changing operations stop nothing by their nature, whether they could be predicted or not.
Disruption DisruptionOf(const v1::Action& action, const v1::Prediction& prediction, const ClusterView& view);

// Where every resource's instances run and since when, so that a later look can tell what became of them.
struct Instances {
  // Primitive id to nodes on which it is Started.
  std::map<std::string, std::vector<std::string>> placement;
  // Members that could run one: online, not in standby.
  std::set<std::string> members;
  // (primitive id, node) to the unit's main process.
  std::map<std::pair<std::string, std::string>, uint32_t> processes;
};

Instances InstancesOf(const ClusterView& view);

// Why an instance of `resource` does not run on `node`, in the failed unit's own words: "; start failed on node-03: ...;
// journal: ...". Empty where nothing failed there. `view` has a DC with quorum.
std::string FailureOn(const ClusterView& view, const std::string& resource, const std::string& node);

// Some instance is not managed: Pacemaker looks at it, and does nothing to it.
bool AnyUnmanaged(const v1::ClusterFact& cluster);

// Holds what happened against what was predicted, for all resources: empty, or one line that names the surprise. An
// instance that was predicted to go on must be the same process; one that fails to start is a surprise as well. Silent
// about what was not predicted, and about resources that are not managed: those run where they are
// found. Silent, too, when a node came or went meanwhile: the prediction was made for other members. `after` is the view once the cluster is idle again.
std::string Surprise(const v1::Prediction& prediction, const Instances& before, const ClusterView& after);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_PREDICTION_H_
