// One agent's stream on the coordinator's side.
#ifndef JETTYFLEET_COORDINATOR_SERVER_AGENT_SESSION_H_
#define JETTYFLEET_COORDINATOR_SERVER_AGENT_SESSION_H_

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>

#include "common/mutex.h"
#include "common/tls/caller.h"
#include "coordinator/core/core_loop.h"
#include "proto/session.pb.h"

namespace jettyfleet {

class AgentSession;

// What the core does with agents' messages. Every method runs on the core thread.
class AgentSessionHandler {
 public:
  virtual ~AgentSessionHandler() = default;
  // `caller` is who the certificate says it is; the handler checks the hello against it. OK: welcome has been sent or
  // will be. Anything else ends the stream with that status.
  virtual grpc::Status OnHello(const std::shared_ptr<AgentSession>& session, const Identity& caller,
                               const v1::Hello& hello) = 0;
  virtual void OnMessage(const std::shared_ptr<AgentSession>& session, const v1::AgentMessage& message) = 0;
  virtual void OnClosed(const std::shared_ptr<AgentSession>& session) = 0;
};

// Made by the service for each call, owned by itself until gRPC is done with it and by whoever holds a shared_ptr.
// gRPC's threads call the On... methods, which post and return; Send and Close may be called from any thread.
class AgentSession final : public grpc::ServerBidiReactor<v1::AgentMessage, v1::CoordinatorMessage> {
 public:
  static AgentSession* Begin(CoreLoop& core, AgentSessionHandler& handler, Caller caller);
  // For a caller that may not come in at all: answers `status` and nothing else.
  static AgentSession* Refuse(CoreLoop& core, AgentSessionHandler& handler, const grpc::Status& status);

  // Queues; a peer that does not read until 1024 messages wait loses the stream.
  void Send(v1::CoordinatorMessage message);
  void Close(const grpc::Status& status);

  // Serial of the certificate that it was opened with.
  const std::string& serial() const { return caller_.serial; }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  AgentSession(CoreLoop& core, AgentSessionHandler& handler, Caller caller);

  CoreLoop& core_;
  AgentSessionHandler& handler_;
  const Caller caller_;
  std::shared_ptr<AgentSession> self_;  // until OnDone
  bool greeted_ = false;                // core thread only
  v1::AgentMessage incoming_;           // the one read in flight
  Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<v1::CoordinatorMessage> outgoing_ ABSL_GUARDED_BY(mutex_);  // the front is being written
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_AGENT_SESSION_H_
