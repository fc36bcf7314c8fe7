// Operations: starting, stepping, watching, aborting, resuming them.
#ifndef JETTYFLEET_COORDINATOR_SERVER_OPERATION_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_OPERATION_DESK_H_

#include <grpcpp/support/status.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/clock.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/journal/history_store.h"
#include "coordinator/journal/journal.h"
#include "coordinator/probe/traffic_probe.h"
#include "coordinator/rolling/restore.h"
#include "coordinator/runner/operation_runner.h"
#include "coordinator/server/agent_desk.h"
#include "coordinator/server/response_stream.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Core thread only; owned by main.
class OperationDesk {
 public:
  using ProbeFactory = std::function<std::unique_ptr<TrafficProbe>()>;
  using WatchStream = ResponseStream<v1::WatchOperationResponse>;
  // What else changes the cluster now, in words ("apply a-…"); empty: nothing.
  using UnderWay = std::function<std::string(const std::string& cluster)>;

  // Told of every operation that has begun, was taken up or has ended.
  using Follower = std::function<void(const Operation& operation)>;

  OperationDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, Journal& journal, HistoryStore& history,
                const Clock& clock, UnderWay under_way, ProbeFactory make_probe);
  ~OperationDesk();

  // Before anything else.
  void set_follower(Follower follower) { follower_ = std::move(follower); }

  // Reads the journal and takes up what had begun and not ended. Before any agent connects.
  absl::Status Resume(const std::string& coordinator_uuid, uint64_t epoch);

  // `spec` names its cluster and says who and why; what else is left out is filled in.
  grpc::Status Start(v1::DrillSpec spec, std::string* operation_id);
  grpc::Status Abort(const std::string& cluster, const std::string& operation_id, const std::string& who,
                     const std::string& why, std::string* aborted_id);
  void Watch(const std::string& cluster, const std::string& operation_id, std::shared_ptr<WatchStream> stream);
  grpc::Status List(const std::string& cluster, v1::ListOperationsResponse* response) const;
  // An empty id: the cluster's newest.
  grpc::Status Get(const std::string& cluster, const std::string& operation_id, v1::OperationReport* report) const;
  // The same with the traffic second by second.
  grpc::Status GetWithSeconds(const std::string& cluster, const std::string& operation_id,
                              v1::OperationReport* report) const;
  // Undoes what is in force in the cluster while no operation runs; `done` when every undo has been answered.
  void Restore(const std::string& cluster, const std::string& who, const std::string& why, bool take_over,
               v1::RestoreResponse* response, std::function<void(grpc::Status)> done);

  // Empty when none runs.
  std::string RunningOn(const std::string& cluster) const;

  void OnChanged(const std::string& cluster);

 private:
  struct Running;
  // Looks at everything anew, undoes what is ours, says what became of each.
  struct Restoring {
    std::string id;
    std::string who;
    std::string why;
    bool take_over = false;
    v1::RestoreResponse* response = nullptr;
    std::function<void(grpc::Status)> done;
    absl::Time began;
    bool planned = false;
    std::vector<RestoreStep> steps;
  };

  void Step(const std::string& cluster);
  void Tick(const std::string& cluster);
  void Tell(Running* running);
  // The operation of that id as its records tell it; NotFound where there is none on `cluster` (empty: any).
  grpc::Status Replay(const std::string& cluster, const std::string& operation_id, Operation* operation) const;
  // nullptr: it does not run.
  const Running* FindRunning(const std::string& operation_id) const;
  void StepRestore(const std::string& cluster);

  CoreLoop& core_;
  Registry& registry_;
  AgentDesk& agents_;
  Journal& journal_;
  HistoryStore& history_;
  const Clock& clock_;
  const UnderWay under_way_;
  const ProbeFactory make_probe_;
  Follower follower_ = [](const Operation&) {};
  std::map<std::string, std::unique_ptr<Running>> running_;      // by cluster
  std::map<std::string, std::unique_ptr<Restoring>> restoring_;  // by cluster
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_OPERATION_DESK_H_
