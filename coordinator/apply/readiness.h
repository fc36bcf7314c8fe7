// Whether what was applied serves: instances that answer, and load balancers that have seen it. Pure.
#ifndef JETTYFLEET_COORDINATOR_APPLY_READINESS_H_
#define JETTYFLEET_COORDINATOR_APPLY_READINESS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Somebody's failures or orphans that may keep the cluster from coming to rest.
bool HasFailures(const v1::ClusterFact& cluster);

struct Readiness {
  std::vector<v1::VerifyFinding> ready;
  std::vector<std::string> missing;  // one phrase each
};

// Only what was observed at `since` or later counts. As many instances are waited for as the description asks for and
// as there are allowed nodes that could run one (online, not in standby). A server that somebody drained, and a load
// balancer whose agent is away, are not waited for: `verify` speaks of them.
Readiness JudgeReadiness(const v1::ClusterDescription& description, const ClusterView& view, absl::Time since);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_APPLY_READINESS_H_
