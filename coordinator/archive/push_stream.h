// One PushArchive call: takes the content chunk by chunk to the desk.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_PUSH_STREAM_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_PUSH_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <utility>

#include "coordinator/archive/archive_desk.h"
#include "coordinator/archive/archive_push.h"
#include "proto/archive.pb.h"

namespace jettyfleet {

// Owned by itself until gRPC is done with it. One chunk is in memory at a time: the next is read when this one is
// written, and until then HTTP/2's flow control holds the client back.
class PushStream final : public grpc::ServerReadReactor<v1::PushChunk> {
 public:
  // Already ends the call where `admitted` is not OK.
  static PushStream* Start(ArchiveDesk& desk, const grpc::Status& admitted, std::string who,
                           v1::PushArchiveResponse* response);

  void OnReadDone(bool ok) override;
  void OnDone() override;

 private:
  PushStream(ArchiveDesk& desk, std::string who, v1::PushArchiveResponse* response)
      : desk_(desk), who_(std::move(who)), response_(response) {}

  // On the archive thread.
  void Take();
  void End();

  ArchiveDesk& desk_;
  const std::string who_;
  v1::PushArchiveResponse* const response_;
  std::shared_ptr<PushStream> self_;
  v1::PushChunk chunk_;
  std::shared_ptr<ArchivePush> push_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_PUSH_STREAM_H_
