// What a rollout adds to the visits of a drill: archives are staged before the first, put in place in the middle of
// each, seen to serve at its end, and watched after it. Pure. Nothing here does anything for other operations.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_H_

#include <set>
#include <string>
#include <vector>

#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"
#include "proto/description.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// True when every node that will be visited has the archive lying ready. Stops the operation when one cannot.
bool Staged(Desk* desk);

// The instance is gone and the CIB's lease holds it down: true when the archive is in place, by the agent's own reading
// after it. It is told to do nothing shortly before that lease ends, so that Jetty never starts on half of one.
bool ChangeArchive(const NodeVisit& visit, Desk* desk);

// An archive may be being put in place at this moment: the instance must not be given back before that is over.
bool IsChanging(const Operation& operation, const std::string& node);

// YES also where the operation rolls out nothing that the description can see. Unknown: the version was not told.
v1::Answer ServesRelease(const Operation& operation, const v1::ResourceDescription& resource, const HostView& host);

// True while the node that was visited last is to be watched before anything else. Stops the operation when it no
// longer answers.
bool Bakes(Desk* desk);

// Of `left`, those that come next: the canaries, while there are any.
std::set<std::string> NextOf(const v1::DrillSpec& spec, const std::set<std::string>& left);

// Empty; or, in one line, why a rollout to `targets` cannot be: a canary is none of them, or a node without an instance
// would take one over with the archive of before.
std::string PlanProblem(const v1::DrillSpec& spec, const v1::ClusterDescription& description,
                        const v1::ClusterFact& fact, const std::set<std::string>& targets);

// What the version probe saw last on `node`; empty: nothing.
std::string VersionOf(const ClusterView& view, const std::string& resource, const std::string& node);

v1::NodeRelease ReleaseOf(const Operation& operation, const std::string& node, const std::string& version);

// Which nodes have which archive now; none for other operations.
std::vector<std::string> ReleaseRemarks(const Operation& operation);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_H_
