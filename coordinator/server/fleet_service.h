// FleetService and AgentService on gRPC: checks who calls, posts to the core, and lets it answer.
#ifndef JETTYFLEET_COORDINATOR_SERVER_FLEET_SERVICE_H_
#define JETTYFLEET_COORDINATOR_SERVER_FLEET_SERVICE_H_

#include <string>

#include "common/tls/caller.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/server/apply_desk.h"
#include "coordinator/server/fleet_desk.h"
#include "coordinator/server/operation_desk.h"
#include "coordinator/server/rollout_desk.h"
#include "proto/fleet_service.grpc.pb.h"

namespace jettyfleet {

// Owned by main. gRPC's threads call it; nothing in it blocks or decides.
class FleetService final : public v1::FleetService::CallbackService {
 public:
  FleetService(CoreLoop& core, CallerGate& gate, FleetDesk& fleet, ApplyDesk& applies, OperationDesk& operations,
               RolloutDesk& rollouts, FleetStore& store)
      : core_(core),
        gate_(gate),
        fleet_(fleet),
        applies_(applies),
        operations_(operations),
        rollouts_(rollouts),
        store_(store) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;
  grpc::ServerUnaryReactor* Discover(grpc::CallbackServerContext* context, const v1::DiscoverRequest* request,
                                     v1::DiscoverResponse* response) override;
  grpc::ServerUnaryReactor* Verify(grpc::CallbackServerContext* context, const v1::VerifyRequest* request,
                                   v1::VerifyResponse* response) override;
  grpc::ServerUnaryReactor* Plan(grpc::CallbackServerContext* context, const v1::PlanRequest* request,
                                 v1::PlanResponse* response) override;
  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest* request,
                                     v1::DescribeResponse* response) override;
  grpc::ServerUnaryReactor* ListOperations(grpc::CallbackServerContext* context,
                                           const v1::ListOperationsRequest* request,
                                           v1::ListOperationsResponse* response) override;
  grpc::ServerUnaryReactor* GetOperation(grpc::CallbackServerContext* context, const v1::GetOperationRequest* request,
                                         v1::OperationReport* response) override;
  grpc::ServerWriteReactor<v1::WatchOperationResponse>* WatchOperation(
      grpc::CallbackServerContext* context, const v1::WatchOperationRequest* request) override;
  grpc::ServerWriteReactor<v1::ListEventsResponse>* ListEvents(grpc::CallbackServerContext* context,
                                                               const v1::ListEventsRequest* request) override;
  grpc::ServerWriteReactor<v1::ApplyProgress>* Apply(grpc::CallbackServerContext* context,
                                                     const v1::ApplyRequest* request) override;
  grpc::ServerUnaryReactor* StartDrill(grpc::CallbackServerContext* context, const v1::StartDrillRequest* request,
                                       v1::StartDrillResponse* response) override;
  grpc::ServerUnaryReactor* PlanRollout(grpc::CallbackServerContext* context, const v1::PlanRolloutRequest* request,
                                        v1::PlanRolloutResponse* response) override;
  grpc::ServerUnaryReactor* StartRollout(grpc::CallbackServerContext* context, const v1::StartRolloutRequest* request,
                                         v1::StartRolloutResponse* response) override;
  grpc::ServerUnaryReactor* AbortOperation(grpc::CallbackServerContext* context,
                                           const v1::AbortOperationRequest* request,
                                           v1::AbortOperationResponse* response) override;
  grpc::ServerUnaryReactor* Restore(grpc::CallbackServerContext* context, const v1::RestoreRequest* request,
                                    v1::RestoreResponse* response) override;

 private:
  // Admits the caller and runs `answer(who, finish)` on the core; `finish` must be called exactly once.
  template <typename Answer>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const char* method, Answer answer);
  // Answers a repeated request as the first time. `answer(done)` fills in `response` and calls `done` once.
  template <typename Response, typename Finish, typename Answer>
  void Once(const std::string& who, const std::string& request_id, Response* response, const Finish& finish,
            Answer answer);
  template <typename Response, typename Answer>
  grpc::ServerWriteReactor<Response>* Streaming(grpc::CallbackServerContext* context, const char* method,
                                                Answer answer);

  CoreLoop& core_;
  CallerGate& gate_;
  FleetDesk& fleet_;
  ApplyDesk& applies_;
  OperationDesk& operations_;
  RolloutDesk& rollouts_;
  FleetStore& store_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_FLEET_SERVICE_H_
