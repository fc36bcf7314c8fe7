// ArchiveService on gRPC: checks who calls, posts to the archive thread, and lets its desk answer.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_SERVICE_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_SERVICE_H_

#include "common/tls/caller.h"
#include "coordinator/archive/archive_desk.h"
#include "proto/archive_service.grpc.pb.h"

namespace jettyfleet {

// Owned by main. gRPC's threads call it; nothing in it blocks or decides.
class ArchiveService final : public v1::ArchiveService::CallbackService {
 public:
  ArchiveService(CallerGate& gate, ArchiveDesk& desk) : gate_(gate), desk_(desk) {}

  grpc::ServerUnaryReactor* PreparePush(grpc::CallbackServerContext* context, const v1::PreparePushRequest* request,
                                        v1::PreparePushResponse* response) override;
  grpc::ServerReadReactor<v1::PushChunk>* PushArchive(grpc::CallbackServerContext* context,
                                                      v1::PushArchiveResponse* response) override;
  grpc::ServerUnaryReactor* ListArchives(grpc::CallbackServerContext* context, const v1::ListArchivesRequest* request,
                                         v1::ListArchivesResponse* response) override;
  grpc::ServerUnaryReactor* RemoveArchive(grpc::CallbackServerContext* context, const v1::RemoveArchiveRequest* request,
                                          v1::RemoveArchiveResponse* response) override;

 private:
  CallerGate& gate_;
  ArchiveDesk& desk_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_SERVICE_H_
