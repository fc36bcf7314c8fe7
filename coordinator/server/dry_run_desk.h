// What a drill would do, without doing it: the order of its visits, what the gate says now, and what Pacemaker says
// that it would do with each node.
#ifndef JETTYFLEET_COORDINATOR_SERVER_DRY_RUN_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_DRY_RUN_DESK_H_

#include <grpcpp/support/status.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "proto/action.pb.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Core thread only; owned by main. Takes no lock and writes no journal: agents only look.
class DryRunDesk {
 public:
  using Done = std::function<void(grpc::Status)>;
  // False: the host's agent is not connected, nothing was sent.
  using Send = std::function<bool(const std::string& cluster, const std::string& host, const v1::Action& action)>;

  DryRunDesk(CoreLoop& core, Registry& registry, const Clock& clock, Send send)
      : core_(core), registry_(registry), clock_(clock), send_(std::move(send)) {}

  // `spec` names a known cluster. `done` is called once on the core, after 10 s at the latest for each node;
  // `response` lives until then. A node that Pacemaker's word was not had of is in it, with the reason.
  // RESOURCE_EXHAUSTED: too many wait already.
  void DryRun(v1::DrillSpec spec, v1::DryRunDrillResponse* response, Done done);

 private:
  // One who waits. The nodes are asked about one after the other: the DC's agent looks at few things at once.
  struct Run {
    v1::DrillSpec spec;
    v1::DryRunDrillResponse* response = nullptr;
    Done done;
    std::string id;
    int visit = -1;       // asked about
    std::string asked;    // action id; empty: none is under way
    absl::Time deadline;  // of the answer
  };

  void Step(uint64_t number);
  // Afterwards nothing is under way where nobody can be asked, or there is nothing to ask, about that visit.
  void Ask(Run* run);
  void Take(Run* run, v1::ActionResult result);

  CoreLoop& core_;
  Registry& registry_;
  const Clock& clock_;
  const Send send_;
  uint64_t next_ = 1;
  std::map<uint64_t, Run> runs_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_DRY_RUN_DESK_H_
