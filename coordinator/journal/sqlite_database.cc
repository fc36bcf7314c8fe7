#include "coordinator/journal/sqlite_database.h"

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/journal/state_directory.h"

namespace jettyfleet {
namespace {

constexpr char kReserveName[] = "journal.reserve";

// How long a coordinator that is just ending may still hold the file.
constexpr int kBusyTimeoutMs = 2000;

constexpr char kTables[] = R"sql(
CREATE TABLE records (
  sequence     INTEGER PRIMARY KEY,
  at_us        INTEGER NOT NULL,
  cluster      TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  kind         TEXT NOT NULL,
  crc32        INTEGER NOT NULL,
  payload      BLOB NOT NULL
);
CREATE INDEX records_by_operation ON records (operation_id, sequence) WHERE operation_id <> '';
CREATE TABLE identity (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  uuid     TEXT NOT NULL,
  epoch    INTEGER NOT NULL
);
CREATE TABLE descriptions (
  cluster TEXT PRIMARY KEY,
  payload BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE answers (
  number   INTEGER PRIMARY KEY,
  key      TEXT NOT NULL UNIQUE,
  at_us    INTEGER NOT NULL,
  answer BLOB NOT NULL
);
)sql";

// What format 2 added.
constexpr char kTablesOfFormat2[] = R"sql(
CREATE TABLE seconds (
  operation_id TEXT PRIMARY KEY,
  crc32        INTEGER NOT NULL,
  payload      BLOB NOT NULL
);
)sql";

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& directory) {
  if (absl::Status prepared = PrepareStateDirectory(directory, kDatabaseFileName); !prepared.ok()) return prepared;
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(
      absl::StrCat(directory, "/", kDatabaseFileName), ReserveFile(absl::StrCat(directory, "/", kReserveName), kReserveBytes)));
  if (absl::Status connected = database->Connect(); !connected.ok()) return connected;
  if (!database->reserve_.Make()) {
    LogWarning(absl::StrCat("journal ", database->path_, ": no room for the ", kReserveBytes >> 10,
                            " KiB reserve: free space; until then only undo is recorded"));
  }
  return database;
}

absl::Status SqliteDatabase::Connect() {
  sqlite3* connection = nullptr;
  // One thread at a time uses the connection, so SQLite's own mutexes are left out.
  const int code = sqlite3_open_v2(path_.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(connection);
  if (code != SQLITE_OK) return SqliteError(connection, path_, code);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  // Exclusive: held from the first read until the end of the process, and no shared-memory file, which would need disk
  // space and would answer a full disk with SIGBUS.
  if (absl::Status set = Execute("PRAGMA locking_mode = EXCLUSIVE"); !set.ok()) return set;
  // Before anything is written into what may not be ours.
  if (absl::Status checked = CheckKind(); !checked.ok()) return checked;
  for (const char* const pragma : {
           "PRAGMA journal_mode = WAL",
           "PRAGMA synchronous = FULL",
           "PRAGMA foreign_keys = OFF",
           // The log is written back every 256 pages (1 MiB) and then used again from its start, so it stays about
           // that long; what one large transaction made of it is cut back to as much.
           "PRAGMA wal_autocheckpoint = 256",
           "PRAGMA journal_size_limit = 1048576",
       }) {
    if (absl::Status set = Execute(pragma); !set.ok()) return set;
  }
  return BringUpToDate();
}

absl::Status SqliteDatabase::CheckKind() const {
  const absl::StatusOr<int64_t> application = QueryInt("PRAGMA application_id");
  if (!application.ok()) return application.status();
  const absl::StatusOr<int64_t> version = QueryInt("PRAGMA user_version");
  if (!version.ok()) return version.status();
  const absl::StatusOr<int64_t> tables = QueryInt("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  if (*tables == 0 && *version == 0) return absl::OkStatus();
  if (*application != kDatabaseApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat("journal ", path_, ": is another program's database: move it away, or name another --state"));
  }
  if (*version > kDatabaseVersion) {
    return absl::FailedPreconditionError(absl::StrCat("journal ", path_, ": has format ", *version,
                                                      ", written by a newer jettyfleet; this one knows ",
                                                      kDatabaseVersion, ": run the newer one"));
  }
  return absl::OkStatus();
}

absl::Status SqliteDatabase::BringUpToDate() {
  return Transact([this] {
    const absl::StatusOr<int64_t> version = QueryInt("PRAGMA user_version");
    if (!version.ok()) return version.status();
    if (*version == kDatabaseVersion) return absl::OkStatus();
    if (*version < 1) {
      if (absl::Status made = Execute(kTables); !made.ok()) return made;
      const std::string set_application = absl::StrCat("PRAGMA application_id = ", kDatabaseApplicationId);
      if (absl::Status set = Execute(set_application.c_str()); !set.ok()) return set;
    }
    if (absl::Status made = Execute(kTablesOfFormat2); !made.ok()) return made;
    return Execute(absl::StrCat("PRAGMA user_version = ", kDatabaseVersion).c_str());
  });
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(const char* sql) const {
  return SqliteStatement::Prepare(connection_.get(), path_, sql);
}

absl::Status SqliteDatabase::Execute(const char* sql) const {
  errno = 0;
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : SqliteError(connection_.get(), path_, code);
}

absl::StatusOr<int64_t> SqliteDatabase::QueryInt(const char* sql) const {
  absl::StatusOr<SqliteStatement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  return *row ? statement->Int(0) : 0;
}

absl::Status SqliteDatabase::Transact(const std::function<absl::Status()>& body) {
  if (absl::Status begun = Execute("BEGIN IMMEDIATE"); !begun.ok()) return begun;
  absl::Status status = body();
  if (status.ok()) status = Execute("COMMIT");
  // SQLite has already rolled back after some errors, a full disk among them.
  if (!status.ok() && sqlite3_get_autocommit(connection_.get()) == 0) {
    if (const absl::Status undone = Execute("ROLLBACK"); !undone.ok()) LogError(undone.message());
  }
  return status;
}

absl::Status SqliteDatabase::Write(RecordUse use, const std::function<absl::Status()>& body) {
  const std::string full = absl::StrCat("journal ", path_, ": disk full: free space or move it");
  if (use == RecordUse::kOrdinary) {
    absl::Status status = reserve_.Make() ? Transact(body) : absl::ResourceExhaustedError(full);
    if (!absl::IsResourceExhausted(status)) return status;
    return absl::ResourceExhaustedError(absl::StrCat(full, "; undo of what is in force still works"));
  }
  absl::Status status = Transact(body);
  if (!absl::IsResourceExhausted(status)) return status;
  LogWarning(absl::StrCat(full, "; the reserve for undo is in use"));
  reserve_.Release();
  // Written back, the log can be used again from its start: that makes more of the reserve than appending to it would.
  sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  status = Transact(body);
  if (!absl::IsResourceExhausted(status)) return status;
  return absl::ResourceExhaustedError(absl::StrCat(full, " at once: the reserve for undo is used up as well"));
}

}  // namespace jettyfleet
