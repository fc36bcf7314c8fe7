// Has every node of the cluster look at what is left on it. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_LOOK_ROUND_H_
#define JETTYFLEET_COORDINATOR_ROLLING_LOOK_ROUND_H_

#include <map>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "coordinator/rolling/desk.h"

namespace jettyfleet {

// One round of looks: which one it is for, and since when an answer counts.
struct LookRound {
  std::string purpose;  // of the actions, below the operation: "node-01/before"
  absl::Time since;
  // Core dumps count from then, by each node's own clock; a node that is not here counts all.
  std::map<std::string, absl::Time> cores_since;
  // Nodes whose answer was not good: they look again, at most every kAuditPoll.
  std::set<std::string> again;
};

// Asks those nodes that have not answered since, again where an answer was lost or refused.
void LookAround(const LookRound& round, Desk* desk);

// The last answer of each node that was asked since.
std::map<std::string, v1::Leftovers> Answers(const LookRound& round, const Desk& desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_LOOK_ROUND_H_
