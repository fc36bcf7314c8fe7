// One prepared SQL statement, and SQLite's errors in the project's words.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_STATEMENT_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_STATEMENT_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// The connection's last error, of a call before which errno was set to 0, as one line that begins with "journal PATH: "
// and says what to do. ResourceExhausted: the disk is full (also by quota or file size limit). FailedPrecondition:
// another process holds it, or it is not a database. DataLoss: damaged. PermissionDenied: cannot be written.
// Unavailable: anything else that the system says.
absl::Status SqliteError(sqlite3* connection, const std::string& path, int code);

// A value that its user owns for the length of one call; moves, never copies. Errors of Bind are kept for Step.
class SqliteStatement {
 public:
  // `connection` and `path` outlive it.
  static absl::StatusOr<SqliteStatement> Prepare(sqlite3* connection, const std::string& path, const char* sql);

  // Parameters count from 1. Texts and blobs are copied.
  void BindInt(int parameter, int64_t value);
  void BindText(int parameter, absl::string_view value);
  void BindBlob(int parameter, absl::string_view value);

  // True: there is a row. False: done.
  absl::StatusOr<bool> Step();

  // Of the row that Step found. Columns count from 0. Valid until the next Step.
  int64_t Int(int column) const;
  absl::string_view Bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  SqliteStatement(sqlite3* connection, const std::string& path, sqlite3_stmt* statement)
      : connection_(connection), path_(&path), statement_(statement) {}
  void Keep(int code);

  sqlite3* connection_;
  const std::string* path_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = SQLITE_OK;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_STATEMENT_H_
