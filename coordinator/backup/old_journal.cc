#include "coordinator/backup/old_journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/durable_file.h"
#include "coordinator/journal/sqlite_database.h"

namespace jettyfleet {
namespace {

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::UnavailableError(absl::StrCat("journal ", path, ": ", what, ": ", std::strerror(errno)));
}

// The first column of the first row; 0 where there is none.
int64_t ReadInt(sqlite3* connection, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int64_t value = 0;
  if (sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    value = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  return value;
}

}  // namespace

OldJournal::OldJournal(const std::string& state_directory)
    : path_(absl::StrCat(state_directory, "/", kDatabaseFileName)) {}

absl::StatusOr<std::unique_ptr<OldJournal>> OldJournal::Hold(const std::string& state_directory) {
  std::unique_ptr<OldJournal> old(new OldJournal(state_directory));
  struct stat about;
  if (lstat(old->path_.c_str(), &about) != 0) {
    if (errno == ENOENT) return old;
    return SystemError(old->path_, "cannot be looked at");
  }
  if (!S_ISREG(about.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("journal ", old->path_, ": is not a regular file: move it away, or name another --state"));
  }
  old->exists_ = true;
  if (absl::Status locked = old->Lock(); !locked.ok()) return locked;
  return old;
}

absl::Status OldJournal::Lock() {
  sqlite3* connection = nullptr;
  int code = sqlite3_open_v2(path_.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(connection);
  // Closing a damaged one would throw its log away.
  if (code == SQLITE_OK) code = sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // The log is written back and left out, so that the file is whole by itself, and closing it later touches no log that
  // belongs to its successor. The lock stays from here on.
  for (const char* const sql : {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"}) {
    if (code == SQLITE_OK) code = sqlite3_exec(connection, sql, nullptr, nullptr, nullptr);
  }
  switch (code & 0xff) {
    case SQLITE_OK:
      epoch_ = static_cast<uint64_t>(ReadInt(connection, "SELECT epoch FROM identity"));
      return absl::OkStatus();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::FailedPreconditionError(absl::StrCat("journal ", path_,
                                                        ": a coordinator uses it: stop it first (systemctl stop "
                                                        "jettyfleet-coordinator), or name another --state"));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      connection_.reset();
      return absl::OkStatus();
    default:
      return absl::UnavailableError(
          absl::StrCat("journal ", path_, ": cannot be locked (", sqlite3_errmsg(connection),
                       "): look at the permissions of the file, its directory and its mount, and at its room"));
  }
}

absl::StatusOr<std::string> OldJournal::ReplaceWith(const std::string& replacement, absl::Time now) {
  std::string kept;
  if (exists_) {
    kept = absl::StrCat(path_, ".before-", absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()));
    if (link(path_.c_str(), kept.c_str()) != 0) return SystemError(kept, "cannot be made, so nothing was replaced");
    // A damaged one may have its log still, which must not meet its successor. That of a whole one is what is left of
    // taking its log back: nothing is in it.
    for (const char* const suffix : {"-wal", "-journal"}) {
      const std::string log = absl::StrCat(path_, suffix);
      const int code =
          connection_ != nullptr ? unlink(log.c_str()) : rename(log.c_str(), absl::StrCat(kept, suffix).c_str());
      if (code != 0 && errno != ENOENT) return SystemError(log, "cannot be moved, so nothing was replaced");
    }
    if (absl::Status synced = SyncDirectoryOf(path_); !synced.ok()) return synced;
  }
  if (rename(replacement.c_str(), path_.c_str()) != 0) return SystemError(path_, "cannot be replaced");
  if (absl::Status synced = SyncDirectoryOf(path_); !synced.ok()) return synced;
  return kept;
}

}  // namespace jettyfleet
