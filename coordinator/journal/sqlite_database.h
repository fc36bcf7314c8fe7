// The SQLite file that the journal and the fleet store share: opened for one process alone, written in transactions
// that keep a reserve for undo.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_DATABASE_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_DATABASE_H_

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/journal/journal.h"
#include "coordinator/journal/reserve_file.h"
#include "coordinator/journal/sqlite_statement.h"

namespace jettyfleet {

inline constexpr int kDatabaseVersion = 2;
// "jtfl" in PRAGMA application_id: tells our file from another program's.
inline constexpr int64_t kDatabaseApplicationId = 0x6a74666c;
inline constexpr char kDatabaseFileName[] = "journal.db";
inline constexpr int64_t kReserveBytes = 1 << 20;

// Owned by SqliteJournal; one thread at a time. It knows tables by name and no more: what their rows mean is the
// journal's and the fleet store's matter. docs/formats.md describes the file.
class SqliteDatabase {
 public:
  // Makes what is missing, and brings an older format up to this one. Errors as in PrepareStateDirectory and SqliteError; FailedPrecondition also when the file is
  // another program's or of a newer jettyfleet.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& directory);

  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // Runs `body` in a transaction, durable on OK and without any effect otherwise, with one exception: what an
  // Unavailable write had sent to a failing disk may be found again after a crash. `body` may be run twice.
  //
  // A full disk: kOrdinary is ResourceExhausted, and stays so until the reserve is whole again, so that the space that
  // undo has freed serves undo alone. kUndo gives up the reserve and tries once more.
  absl::Status Write(RecordUse use, const std::function<absl::Status()>& body);

  absl::StatusOr<SqliteStatement> Prepare(const char* sql) const;
  // For statements without parameters or rows.
  absl::Status Execute(const char* sql) const;
  // The first column of the first row as an integer.
  absl::StatusOr<int64_t> QueryInt(const char* sql) const;

  const std::string& path() const { return path_; }
  // For SQLite's own interfaces (backup); it stays this object's.
  sqlite3* connection() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };

  SqliteDatabase(std::string path, ReserveFile reserve) : path_(std::move(path)), reserve_(std::move(reserve)) {}

  absl::Status Connect();
  absl::Status CheckKind() const;
  absl::Status BringUpToDate();
  absl::Status Transact(const std::function<absl::Status()>& body);

  const std::string path_;
  ReserveFile reserve_;
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_DATABASE_H_
