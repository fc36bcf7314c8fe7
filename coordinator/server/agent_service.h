// AgentService on gRPC: admits an agent and hands its stream to an AgentSession.
#ifndef JETTYFLEET_COORDINATOR_SERVER_AGENT_SERVICE_H_
#define JETTYFLEET_COORDINATOR_SERVER_AGENT_SERVICE_H_

#include "common/tls/caller.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/server/agent_session.h"
#include "coordinator/server/grpc_status.h"
#include "proto/agent_service.grpc.pb.h"

namespace jettyfleet {

// Owned by main.
class AgentService final : public v1::AgentService::CallbackService {
 public:
  AgentService(CoreLoop& core, CallerGate& gate, AgentSessionHandler& handler)
      : core_(core), gate_(gate), handler_(handler) {}

  grpc::ServerBidiReactor<v1::AgentMessage, v1::CoordinatorMessage>* Session(
      grpc::CallbackServerContext* context) override {
    absl::StatusOr<Caller> caller = gate_.Admit(*context, "Session");
    return caller.ok() ? AgentSession::Begin(core_, handler_, *std::move(caller))
                       : AgentSession::Refuse(core_, handler_, ToGrpc(caller.status()));
  }

 private:
  CoreLoop& core_;
  CallerGate& gate_;
  AgentSessionHandler& handler_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_AGENT_SERVICE_H_
