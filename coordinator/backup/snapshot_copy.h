// A consistent copy of the journal's database, made while the coordinator goes on.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_SNAPSHOT_COPY_H_
#define JETTYFLEET_COORDINATOR_BACKUP_SNAPSHOT_COPY_H_

#include <sqlite3.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/journal/sqlite_database.h"

namespace jettyfleet {

// By SQLite's online backup, some pages at a time: what is written to the journal between two steps is in the copy too,
// because both are the work of one connection (sqlite.org/c3ref/backup_finish.html). Core thread only; the database
// outlives it. An unfinished copy is removed with it.
class SnapshotCopy {
 public:
  // 1 MiB, a few milliseconds.
  static constexpr int kPagesAtOnce = 256;
  // Left free for the journal itself.
  static constexpr int64_t kRoomLeftBytes = 64 << 20;

  // `path` lies beside the journal; what an earlier copy left there is removed. ResourceExhausted: not enough room.
  static absl::StatusOr<std::unique_ptr<SnapshotCopy>> Begin(SqliteDatabase& source, const std::string& path);
  ~SnapshotCopy();
  SnapshotCopy(const SnapshotCopy&) = delete;
  SnapshotCopy& operator=(const SnapshotCopy&) = delete;

  // True: the copy is complete, a file by itself, and the caller's to remove. Not to be called again after that or an
  // error.
  absl::StatusOr<bool> Step();

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct Finish {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
  };

  explicit SnapshotCopy(std::string path) : path_(std::move(path)) {}
  absl::Status Complete();

  const std::string path_;
  std::unique_ptr<sqlite3, Close> target_;
  std::unique_ptr<sqlite3_backup, Finish> backup_;  // goes before its target
  bool complete_ = false;
};

// Removes what is left of a copy; nothing happens where there is none.
void RemoveSnapshot(const std::string& path);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_SNAPSHOT_COPY_H_
