// Takes one local file to the coordinator's store.
#ifndef JETTYFLEET_CLIENT_COMMAND_ARCHIVE_UPLOAD_H_
#define JETTYFLEET_CLIENT_COMMAND_ARCHIVE_UPLOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/session.h"
#include "common/unique_fd.h"
#include "proto/archive_service.grpc.pb.h"

namespace jettyfleet {

// A local file that was found to be a zip, open, with its digest. It may change under our hands: the coordinator
// compares what arrives with the digest.
struct LocalArchive {
  std::string path;
  UniqueFd file;
  uint64_t size = 0;
  std::string sha256;
};

// InvalidArgument: it is no zip, or larger than archives may be. NotFound, PermissionDenied or Unavailable: it cannot
// be read.
absl::StatusOr<LocalArchive> OpenLocalArchive(const std::string& path);

// Owned by the function that runs the command; one thread.
class ArchiveUpload {
 public:
  // All outlive it. `pause` waits before the attempt of that number, from 2 on.
  ArchiveUpload(Session& session, const LocalArchive& archive, std::function<void(int)> pause);

  // Asks what is there, and sends the rest; after a break, again. `header` has names and reason.
  grpc::Status Push(v1::PushHeader header, v1::PushArchiveResponse* response);

 private:
  grpc::Status Attempt(const v1::PushHeader& header, v1::PushArchiveResponse* response);
  // Where to begin: after what is there, if it is ours.
  absl::StatusOr<uint64_t> OffsetAfter(const v1::PreparePushResponse& there) const;

  Session& session_;
  const LocalArchive& archive_;
  const std::function<void(int)> pause_;
  const std::unique_ptr<v1::ArchiveService::Stub> stub_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_ARCHIVE_UPLOAD_H_
