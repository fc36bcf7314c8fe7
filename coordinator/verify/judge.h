// Is the cluster as described, judged from what the agents observed? Pure. `status` and `verify` share it.
#ifndef JETTYFLEET_COORDINATOR_VERIFY_JUDGE_H_
#define JETTYFLEET_COORDINATOR_VERIFY_JUDGE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Findings in the order in which an operator would look: cluster, nodes, resources, load balancers. What was not
// observed since `since` (coordinator's clock) is unknown, and so is everything that a host with no agent connected
// would have to say.
std::vector<v1::VerifyFinding> JudgeCluster(const ClusterView& view, absl::Time since);

// YES: all passed. NO: one did not. Otherwise unknown.
v1::Answer Overall(const std::vector<v1::VerifyFinding>& findings);

// One node's instance of one resource is ready: unit active, every port bound by the unit, HTTP as described.
v1::VerifyFinding JudgeInstance(const HostView& host, const v1::ResourceDescription& resource, absl::Time since);

// Nodes on which crm_mon, as the quorate DC sees it, shows an active instance of the unit.
std::vector<std::string> NodesRunning(const ClusterView& view, const v1::ResourceDescription& resource);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_VERIFY_JUDGE_H_
