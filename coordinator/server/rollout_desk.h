// Rollouts: what has to be known of archives before an operation begins, and what it needs of them until it ends.
#ifndef JETTYFLEET_COORDINATOR_SERVER_ROLLOUT_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_ROLLOUT_DESK_H_

#include <grpcpp/support/status.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "coordinator/archive/archive_desk.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/rolling/operation.h"
#include "coordinator/server/operation_desk.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Core thread only; owned by main. Names and contents of archives are asked for on the archive thread. The operations
// themselves are the OperationDesk's.
class RolloutDesk {
 public:
  using Done = std::function<void(grpc::Status)>;

  // All borrowed; they outlive it.
  RolloutDesk(CoreLoop& core, Registry& registry, OperationDesk& operations, ArchiveDesk& archives)
      : core_(core), registry_(registry), operations_(operations), archives_(archives) {}

  // Both: `spec` names a known cluster; `done` is called once on the core, and what it answers with lives until then.
  // NOT_FOUND: the coordinator keeps no such archive.
  void Plan(v1::DrillSpec spec, v1::PlanRolloutResponse* response, Done done);
  // As OperationDesk::Start. The archive cannot be removed from before this answers until the operation has ended.
  void Start(v1::DrillSpec spec, const std::string& request_id, v1::StartRolloutResponse* response, Done done);

  // For every operation that begins, is taken up or has ended: its archive is kept meanwhile.
  void OnOperation(const Operation& operation);

 private:
  using Resolved = std::function<void(absl::Status, v1::DrillSpec)>;
  // Fills in digest and size; with a `holder`, they are kept under that name. `resolved` is called on the core.
  void Resolve(v1::DrillSpec spec, const std::string& holder, Resolved resolved);

  CoreLoop& core_;
  Registry& registry_;
  OperationDesk& operations_;
  ArchiveDesk& archives_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_ROLLOUT_DESK_H_
