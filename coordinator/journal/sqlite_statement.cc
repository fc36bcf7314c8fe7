#include "coordinator/journal/sqlite_statement.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

// SQLite calls only ENOSPC "full"; a quota and a file size limit (setrlimit) come as errors of input and output.
bool IsFull(int code, int system_error) {
  if (code == SQLITE_FULL) return true;
  return code == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

}  // namespace

absl::Status SqliteError(sqlite3* connection, const std::string& path, int code) {
  const int primary = code & 0xff;
  // A failing COMMIT leaves no system error with the connection, but in errno.
  const int system_error = sqlite3_system_errno(connection) != 0 ? sqlite3_system_errno(connection) : errno;
  const std::string journal = absl::StrCat("journal ", path, ": ");
  if (IsFull(primary, system_error)) {
    return absl::ResourceExhaustedError(absl::StrCat(journal, "disk full: free space or move it"));
  }
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::FailedPreconditionError(
          absl::StrCat(journal, "in use by another process: stop the other coordinator, or name another --state"));
    case SQLITE_NOTADB:
      return absl::FailedPreconditionError(
          absl::StrCat(journal, "is not a database: move it away, or name another --state"));
    case SQLITE_CORRUPT:
      return absl::DataLossError(absl::StrCat(journal, "is damaged (", sqlite3_errmsg(connection),
                                              "): keep a copy of it, then put back a backup or move it away"));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return absl::PermissionDeniedError(
          absl::StrCat(journal, "cannot be opened for writing (", sqlite3_errmsg(connection),
                       "): look at the permissions of the file, its directory and its mount"));
    default:
      return absl::UnavailableError(
          absl::StrCat(journal, sqlite3_errmsg(connection),
                       system_error == 0 ? "" : absl::StrCat(" (", std::strerror(system_error), ")")));
  }
}

absl::StatusOr<SqliteStatement> SqliteStatement::Prepare(sqlite3* connection, const std::string& path,
                                                         const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return SqliteError(connection, path, code);
  return SqliteStatement(connection, path, statement);
}

void SqliteStatement::Keep(int code) {
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void SqliteStatement::BindInt(int parameter, int64_t value) {
  Keep(sqlite3_bind_int64(statement_.get(), parameter, value));
}

void SqliteStatement::BindText(int parameter, absl::string_view value) {
  Keep(sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void SqliteStatement::BindBlob(int parameter, absl::string_view value) {
  // A null pointer would bind NULL; an empty blob is not that.
  Keep(sqlite3_bind_blob64(statement_.get(), parameter, value.empty() ? "" : value.data(), value.size(),
                           SQLITE_TRANSIENT));
}

absl::StatusOr<bool> SqliteStatement::Step() {
  if (bind_error_ != SQLITE_OK) return SqliteError(connection_, *path_, bind_error_);
  errno = 0;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(connection_, *path_, code);
}

int64_t SqliteStatement::Int(int column) const { return sqlite3_column_int64(statement_.get(), column); }

absl::string_view SqliteStatement::Bytes(int column) const {
  const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (data == nullptr) return {};
  return absl::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

}  // namespace jettyfleet
