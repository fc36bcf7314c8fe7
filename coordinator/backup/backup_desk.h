// Makes backups of the running coordinator's journal, one at a time.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_BACKUP_DESK_H_
#define JETTYFLEET_COORDINATOR_BACKUP_BACKUP_DESK_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/clock.h"
#include "common/unique_fd.h"
#include "coordinator/backup/snapshot_copy.h"
#include "coordinator/core/core_loop.h"
#include "coordinator/journal/sqlite_database.h"
#include "proto/backup.pb.h"

namespace jettyfleet {

// A checked copy of the journal: open and without a name, so that it is gone with its descriptor.
struct BackupFile {
  UniqueFd fd;  // at its beginning
  v1::BackupSummary summary;
};

// Owned by main. The core thread calls it, and copies; reading and checking the copy is done on a thread of its own.
class BackupDesk {
 public:
  // Called on the core thread, once: the file, or why there is none.
  using Done = std::function<void(absl::StatusOr<std::shared_ptr<BackupFile>>)>;
  // Any thread: nobody waits for it any more.
  using GivenUp = std::function<bool()>;

  // `path` is where copies are made, beside the journal; what an earlier life left there is removed.
  BackupDesk(CoreLoop& core, SqliteDatabase& database, std::string path, const Clock& clock);
  ~BackupDesk();

  // FailedPrecondition while another is made or being sent.
  void Make(GivenUp given_up, Done done);

 private:
  struct Making;

  void Step();
  void Check();
  void Finish(absl::StatusOr<std::shared_ptr<BackupFile>> result);

  CoreLoop& core_;
  SqliteDatabase& database_;
  const std::string path_;
  const Clock& clock_;
  std::unique_ptr<Making> making_;
  std::weak_ptr<BackupFile> sent_;  // it takes room for as long as somebody has it
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_BACKUP_DESK_H_
