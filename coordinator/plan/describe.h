// From a cluster that somebody made by hand to the description that it fulfils. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_H_
#define JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/fleet/view.h"
#include "proto/description.pb.h"

namespace jettyfleet {

struct DescribeResult {
  // Has passed ValidateDescription. Its plan is empty, but for what the remarks say.
  v1::ClusterDescription description;
  // One line each: what was guessed, what the cluster has that a description cannot say, what was left out, and what
  // apply would still change.
  std::vector<std::string> remarks;
};

// Describes each "systemd:jetty..." primitive in the CIB of the DC with quorum, under its own id. What a CIB does not
// know (ports, health, sessions, paths, load balancers, traffic) comes from view.description where there is one; ports
// else from what the unit was seen to bind, or a guess that a remark calls one. Believes the view: that it is fresh is
// for the caller to see to.
// Unavailable: no DC with quorum, or its CIB is not known. NotFound: no resource runs a Jetty unit. FailedPrecondition:
// what there is cannot be described; says why.
absl::StatusOr<DescribeResult> Describe(const std::string& cluster, const ClusterView& view);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_H_
