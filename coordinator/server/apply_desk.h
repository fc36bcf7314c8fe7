// Plans and applies: what operators order, and what an earlier coordinator left unfinished.
#ifndef JETTYFLEET_COORDINATOR_SERVER_APPLY_DESK_H_
#define JETTYFLEET_COORDINATOR_SERVER_APPLY_DESK_H_

#include <grpcpp/support/status.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/clock.h"
#include "coordinator/apply/apply_run.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/fleet/registry.h"
#include "coordinator/journal/fleet_store.h"
#include "coordinator/journal/journal.h"
#include "coordinator/plan/plan.h"
#include "coordinator/server/agent_desk.h"
#include "coordinator/server/fresh_look.h"
#include "coordinator/server/response_stream.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// Core thread only; owned by main. `who` is the caller's identity in words, for records. Clusters named in requests
// have to be known to the registry; what is not is NOT_FOUND.
class ApplyDesk {
 public:
  using ProgressStream = ResponseStream<v1::ApplyProgress>;
  using Done = std::function<void(grpc::Status)>;
  // What else changes the cluster now, in words ("operation d-…"); empty: nothing.
  using UnderWay = std::function<std::string(const std::string& cluster)>;

  ApplyDesk(CoreLoop& core, Registry& registry, AgentDesk& agents, FreshLook& look, Journal& journal, FleetStore& store,
            const Clock& clock, UnderWay under_way);

  // Reads the journal and takes up the applies that began and did not end. After the descriptions were read, before any
  // agent connects.
  absl::Status Resume();

  void Apply(const v1::ApplyRequest& request, const std::string& who, std::shared_ptr<ProgressStream> stream);

  // Looks again, plans, and has the DC's agent predict each step. Changes nothing.
  void Plan(const v1::PlanRequest& request, v1::PlanResponse* response, Done done);

  // `cluster` is known. A description of what exists, whose plan is empty.
  void Describe(const std::string& cluster, v1::DescribeResponse* response, Done done);

  // The apply's id; empty when none runs.
  std::string RunningOn(const std::string& cluster) const;

  void OnChanged(const std::string& cluster);

 private:
  struct Applying {
    std::unique_ptr<ApplyRun> run;
    std::shared_ptr<ProgressStream> stream;  // null: nobody watches
    std::string why;
  };

  // Valid, of a known cluster, its units chosen.
  grpc::Status Prepare(v1::ClusterDescription* description) const;
  grpc::Status WhyNot(const std::string& cluster) const;
  void Begin(ApplyOrder order, std::shared_ptr<ProgressStream> stream);
  void Step(const std::string& cluster);
  void Tick(const std::string& cluster);
  void FinishPlan(const v1::ClusterDescription& description, v1::PlanResponse* response, Done done);
  void AwaitPrediction(const std::string& cluster, const std::string& action_id, absl::Time deadline,
                       std::vector<PlanStep> steps, v1::PlanResponse* response, Done done);

  CoreLoop& core_;
  Registry& registry_;
  AgentDesk& agents_;
  FreshLook& look_;
  Journal& journal_;
  FleetStore& store_;
  const Clock& clock_;
  const UnderWay under_way_;
  std::map<std::string, Applying> applying_;  // by cluster
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_APPLY_DESK_H_
