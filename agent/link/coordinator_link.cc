#include "agent/link/coordinator_link.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/link/peer_address.h"
#include "common/log.h"
#include "common/mutex.h"

namespace jettyfleet {

// One stream. gRPC calls the On... methods on its threads; they lock, move bytes and post. Send and Cancel are the
// loop's. One read and one write are in flight at most.
class CoordinatorLink::Stream final : public grpc::ClientBidiReactor<v1::AgentMessage, v1::CoordinatorMessage> {
 public:
  Stream(CoordinatorLink& link, v1::AgentService::Stub& stub, std::size_t queue_limit)
      : link_(link), queue_limit_(queue_limit) {
    stub.async()->Session(&context_, this);
    StartRead(&incoming_);
    StartCall();
  }

  void Send(v1::AgentMessage message) {
    const MutexLock lock(mutex_);
    if (finished_) return;
    if (outgoing_.size() >= queue_limit_) {
      context_.TryCancel();
      return;
    }
    outgoing_.push_back(std::move(message));
    if (outgoing_.size() == 1) StartWrite(&outgoing_.front());
  }

  void Cancel() { context_.TryCancel(); }

  std::string Peer() const { return context_.peer(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    link_.loop_.Post([this, message = incoming_] { link_.OnRead(this, message); });
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const MutexLock lock(mutex_);
    if (!ok) {
      finished_ = true;
      return;
    }
    outgoing_.pop_front();
    if (!outgoing_.empty()) StartWrite(&outgoing_.front());
  }

  void OnDone(const grpc::Status& status) override {
    link_.loop_.Post([this, status] { link_.OnDone(this, status); });
  }

 private:
  CoordinatorLink& link_;
  const std::size_t queue_limit_;
  grpc::ClientContext context_;
  v1::CoordinatorMessage incoming_;
  Mutex mutex_;
  std::deque<v1::AgentMessage> outgoing_ ABSL_GUARDED_BY(mutex_);  // the front is being written
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

CoordinatorLink::CoordinatorLink(Loop& loop, std::shared_ptr<grpc::ChannelCredentials> credentials, Options options,
                                 Handlers handlers)
    : loop_(loop),
      credentials_(std::move(credentials)),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      backoff_(options_.first_backoff) {}

CoordinatorLink::~CoordinatorLink() {
  // main destroys the link only when the process ends; a stream still open would call back into freed memory.
  if (stream_ != nullptr) {
    stream_->Cancel();
    [[maybe_unused]] Stream* const left_to_grpc = stream_.release();
  }
}

void CoordinatorLink::Start() { Dial(); }

void CoordinatorLink::Dial() {
  redial_.reset();
  dialled_ = options_.coordinators[next_coordinator_ % options_.coordinators.size()];
  ++next_coordinator_;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Clusters are reached directly; a proxy meant for the web must not see this.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  channel_ = grpc::CreateCustomChannel(dialled_, credentials_, arguments);
  stub_ = v1::AgentService::NewStub(channel_);
  stream_ = std::make_unique<Stream>(*this, *stub_, options_.queue_limit);
  v1::AgentMessage hello;
  *hello.mutable_hello() = handlers_.make_hello();
  stream_->Send(std::move(hello));
}

void CoordinatorLink::Send(v1::AgentMessage message) {
  if (welcomed_ && stream_ != nullptr) stream_->Send(std::move(message));
}

std::string CoordinatorLink::CoordinatorAddress() const {
  return welcomed_ && stream_ != nullptr ? AddressOfPeer(stream_->Peer()) : "";
}

void CoordinatorLink::Restart(const std::string& why) {
  LogWarning(absl::StrCat("ending the stream to coordinator ", dialled_, ": ", why));
  if (stream_ != nullptr) stream_->Cancel();
}

void CoordinatorLink::OnRead(Stream* stream, v1::CoordinatorMessage message) {
  if (stream != stream_.get()) return;
  if (message.has_welcome()) {
    if (welcomed_) return Restart("a second welcome on one stream");
    welcomed_ = true;
    backoff_ = options_.first_backoff;
    last_problem_.clear();
    LogInfo(absl::StrCat("connected to coordinator ", dialled_, ", epoch ", message.welcome().epoch()));
    handlers_.on_welcome(message.welcome());
    return;
  }
  if (!welcomed_) return Restart("a message before the welcome");
  handlers_.on_message(message);
}

void CoordinatorLink::OnDone(Stream* stream, const grpc::Status& status) {
  if (stream != stream_.get()) return;
  const bool was_welcomed = welcomed_;
  welcomed_ = false;
  stream_.reset();
  const std::string problem = absl::StrCat("no stream to coordinator ", dialled_, ": ",
                                           status.ok() ? "it ended the stream" : status.error_message());
  // The same problem every few seconds is one line in the log.
  if (was_welcomed || problem != last_problem_) LogWarning(absl::StrCat(problem, "; trying again"));
  last_problem_ = problem;
  if (was_welcomed) handlers_.on_lost();
  redial_ = loop_.After(
      backoff_, [this] { Dial(); }, absl::Milliseconds(50));
  backoff_ = std::min(backoff_ * 2, options_.longest_backoff);
}

}  // namespace jettyfleet
