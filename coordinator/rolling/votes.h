// Whether the cluster keeps quorum when one more node is lost while one of ours is out. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_VOTES_H_
#define JETTYFLEET_COORDINATOR_ROLLING_VOTES_H_

#include <string>

#include "proto/observation.pb.h"

namespace jettyfleet {

// Empty: the loss of one node's vote leaves the cluster quorate. Otherwise one line why not, or why it is not known.
std::string VotesProblem(const v1::ClusterFact& fact);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_VOTES_H_
