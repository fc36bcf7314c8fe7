// FetchService on gRPC: gives content out to agents, chunk by chunk.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_FETCH_SERVICE_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_FETCH_SERVICE_H_

#include <atomic>
#include <memory>

#include "common/tls/caller.h"
#include "coordinator/archive/archive_desk.h"
#include "proto/archive_service.grpc.pb.h"

namespace jettyfleet {

// At once, over all agents; one more is told to try again.
inline constexpr int kMostFetches = 64;
// Chunks of one fetch in memory: one on its way out, and the next read meanwhile.
inline constexpr std::size_t kChunksAhead = 2;

// Owned by main. gRPC's threads call it; nothing in it blocks. Files are read on the archive thread, only as fast as
// the agent takes them.
class FetchService final : public v1::FetchService::CallbackService {
 public:
  FetchService(CallerGate& gate, ArchiveDesk& desk) : gate_(gate), desk_(desk) {}

  grpc::ServerWriteReactor<v1::FetchArchiveResponse>* FetchArchive(grpc::CallbackServerContext* context,
                                                                   const v1::FetchArchiveRequest* request) override;

 private:
  CallerGate& gate_;
  ArchiveDesk& desk_;
  // Outlives the service where a stream does.
  const std::shared_ptr<std::atomic<int>> fetches_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_FETCH_SERVICE_H_
