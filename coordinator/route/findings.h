// What disagrees between nodes, load balancers and the description. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_FINDINGS_H_
#define JETTYFLEET_COORDINATOR_ROUTE_FINDINGS_H_

#include <vector>

#include "absl/time/time.h"
#include "proto/description.pb.h"
#include "proto/route.pb.h"

namespace jettyfleet {

// Of a picture that is complete but for its findings. What agrees is not in the answer.
std::vector<v1::RouteFinding> JudgeRoute(const v1::ClusterDescription& description,
                                         const v1::RouteShowResponse& picture, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_FINDINGS_H_
