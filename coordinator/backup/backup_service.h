// BackupService on gRPC: checks who calls, has the core make a backup, and sends it.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_BACKUP_SERVICE_H_
#define JETTYFLEET_COORDINATOR_BACKUP_BACKUP_SERVICE_H_

#include "common/tls/caller.h"
#include "coordinator/backup/backup_desk.h"
#include "coordinator/core/core_loop.h"
#include "proto/backup_service.grpc.pb.h"

namespace jettyfleet {

// Owned by main. gRPC's threads call it; they read the finished file, piece by piece as the client takes it.
class BackupService final : public v1::BackupService::CallbackService {
 public:
  BackupService(CoreLoop& core, CallerGate& gate, BackupDesk& desk) : core_(core), gate_(gate), desk_(desk) {}

  grpc::ServerWriteReactor<v1::BackupPart>* Backup(grpc::CallbackServerContext* context,
                                                   const v1::BackupRequest* request) override;

 private:
  CoreLoop& core_;
  CallerGate& gate_;
  BackupDesk& desk_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_BACKUP_SERVICE_H_
