// Whether clients reach every node through the load balancers. Pure.
#ifndef JETTYFLEET_COORDINATOR_VERIFY_REACH_H_
#define JETTYFLEET_COORDINATOR_VERIFY_REACH_H_

#include <vector>

#include "coordinator/fleet/view.h"
#include "coordinator/probe/reach_check.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// What has to be asked: the described URL; where its host is a described load balancer, the same of the others too.
// Empty without a URL, or where no node runs an instance behind a load balancer.
std::vector<ReachQuestion> ReachQuestions(const ClusterView& view);

v1::VerifyFinding JudgeReach(const ReachQuestion& question, const ReachAnswer& answer);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_VERIFY_REACH_H_
