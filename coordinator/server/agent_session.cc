#include "coordinator/server/agent_session.h"

#include <utility>

namespace jettyfleet {
namespace {

constexpr std::size_t kQueueLimit = 1024;

}  // namespace

AgentSession::AgentSession(CoreLoop& core, AgentSessionHandler& handler, Caller caller)
    : core_(core), handler_(handler), caller_(std::move(caller)) {}

AgentSession* AgentSession::Begin(CoreLoop& core, AgentSessionHandler& handler, Caller caller) {
  const std::shared_ptr<AgentSession> session(new AgentSession(core, handler, std::move(caller)));
  session->self_ = session;
  session->StartRead(&session->incoming_);
  return session.get();
}

AgentSession* AgentSession::Refuse(CoreLoop& core, AgentSessionHandler& handler, const grpc::Status& status) {
  const std::shared_ptr<AgentSession> session(new AgentSession(core, handler, Caller{}));
  session->self_ = session;
  session->Close(status);
  return session.get();
}

void AgentSession::Send(v1::CoordinatorMessage message) {
  {
    const MutexLock lock(mutex_);
    if (closed_) return;
    if (outgoing_.size() < kQueueLimit) {
      outgoing_.push_back(std::move(message));
      if (outgoing_.size() == 1) StartWrite(&outgoing_.front());
      return;
    }
  }
  Close(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "the agent does not read; connect again"));
}

void AgentSession::Close(const grpc::Status& status) {
  {
    const MutexLock lock(mutex_);
    if (closed_) return;
    closed_ = true;
  }
  Finish(status);
}

void AgentSession::OnReadDone(bool ok) {
  if (!ok) return Close(grpc::Status::OK);
  core_.Post([self = self_, message = std::move(incoming_)] {
    if (self->greeted_) return self->handler_.OnMessage(self, message);
    if (!message.has_hello()) {
      return self->Close(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "the first message must be a hello"));
    }
    const grpc::Status verdict = self->handler_.OnHello(self, self->caller_.identity, message.hello());
    if (!verdict.ok()) return self->Close(verdict);
    self->greeted_ = true;
  });
  incoming_.Clear();
  StartRead(&incoming_);
}

void AgentSession::OnWriteDone(bool ok) {
  if (!ok) return Close(grpc::Status::OK);
  const MutexLock lock(mutex_);
  if (closed_) return;
  outgoing_.pop_front();
  if (!outgoing_.empty()) StartWrite(&outgoing_.front());
}

void AgentSession::OnCancel() { Close(grpc::Status::CANCELLED); }

void AgentSession::OnDone() {
  core_.Post([self = std::move(self_)] {
    if (self->greeted_) self->handler_.OnClosed(self);
  });
}

}  // namespace jettyfleet
