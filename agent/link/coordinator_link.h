// The agent's stream to the coordinator: dials, says hello, keeps one bidirectional stream, dials again when it ends.
#ifndef JETTYFLEET_AGENT_LINK_COORDINATOR_LINK_H_
#define JETTYFLEET_AGENT_LINK_COORDINATOR_LINK_H_

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/loop.h"
#include "proto/agent_service.grpc.pb.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Largest message in either direction; a snapshot of a seven-node cluster's CIB is far below it.
inline constexpr int kMaxMessageBytes = 4 << 20;

// Owned by main. Every method and every handler runs on the loop's thread; gRPC's own threads only post to it.
class CoordinatorLink {
 public:
  struct Options {
    // "HOST:PORT"; tried in turn.
    std::vector<std::string> coordinators;
    absl::Duration first_backoff = absl::Milliseconds(200);
    absl::Duration longest_backoff = absl::Seconds(5);
    // Messages waiting to be sent; more than this ends the stream, and the next one begins with a full snapshot.
    std::size_t queue_limit = 1024;
  };

  struct Handlers {
    std::function<v1::Hello()> make_hello;
    // A coordinator has welcomed us: send the snapshot now.
    std::function<void(const v1::Welcome&)> on_welcome;
    std::function<void(const v1::CoordinatorMessage&)> on_message;
    std::function<void()> on_lost;
  };

  CoordinatorLink(Loop& loop, std::shared_ptr<grpc::ChannelCredentials> credentials, Options options,
                  Handlers handlers);
  ~CoordinatorLink();
  CoordinatorLink(const CoordinatorLink&) = delete;
  CoordinatorLink& operator=(const CoordinatorLink&) = delete;

  void Start();

  // Dropped while there is no welcomed stream: the next snapshot says it all.
  void Send(v1::AgentMessage message);

  bool welcomed() const { return welcomed_; }

  // The numeric address of the coordinator that has welcomed us; empty: there is none, or it is not known.
  std::string CoordinatorAddress() const;

  // Ends the stream and dials again; for when the peer broke the protocol.
  void Restart(const std::string& why);

 private:
  class Stream;

  void Dial();
  void OnRead(Stream* stream, v1::CoordinatorMessage message);
  void OnDone(Stream* stream, const grpc::Status& status);

  Loop& loop_;
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  const Options options_;
  const Handlers handlers_;
  std::size_t next_coordinator_ = 0;
  std::string dialled_;
  std::string last_problem_;
  absl::Duration backoff_;
  bool welcomed_ = false;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  // Lives from Dial to its own OnDone; gRPC may still be using it in between.
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Timer> redial_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_LINK_COORDINATOR_LINK_H_
