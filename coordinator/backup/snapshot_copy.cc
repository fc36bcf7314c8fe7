#include "coordinator/backup/snapshot_copy.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

absl::Status CheckRoom(const SqliteDatabase& source, const std::string& path) {
  const absl::StatusOr<int64_t> pages = source.QueryInt("PRAGMA page_count");
  if (!pages.ok()) return pages.status();
  const absl::StatusOr<int64_t> page_bytes = source.QueryInt("PRAGMA page_size");
  if (!page_bytes.ok()) return page_bytes.status();
  struct statvfs about;
  if (statvfs(source.path().c_str(), &about) != 0) {
    return absl::UnavailableError(
        absl::StrCat("backup ", path, ": how much room there is cannot be read: ", std::strerror(errno)));
  }
  const int64_t needed = *pages * *page_bytes + SnapshotCopy::kRoomLeftBytes;
  const int64_t free = static_cast<int64_t>(about.f_bavail) * static_cast<int64_t>(about.f_frsize);
  if (free >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("backup ", path, ": a copy of the journal needs ", needed >> 20,
                                                   " MiB of room and there are ", free >> 20, ": free space"));
}

}  // namespace

void RemoveSnapshot(const std::string& path) {
  unlink(path.c_str());
  unlink(absl::StrCat(path, "-journal").c_str());
}

absl::StatusOr<std::unique_ptr<SnapshotCopy>> SnapshotCopy::Begin(SqliteDatabase& source, const std::string& path) {
  RemoveSnapshot(path);
  if (absl::Status room = CheckRoom(source, path); !room.ok()) return room;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return absl::UnavailableError(absl::StrCat("backup ", path, ": cannot be made: ", std::strerror(errno)));
  }
  close(fd);
  std::unique_ptr<SnapshotCopy> copy(new SnapshotCopy(path));
  sqlite3* target = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  copy->target_.reset(target);
  if (opened != SQLITE_OK) return SqliteError(target, path, opened);
  // It is checked when it is complete, and made again when it is not.
  sqlite3_exec(target, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  copy->backup_.reset(sqlite3_backup_init(target, "main", source.connection(), "main"));
  if (copy->backup_ == nullptr) return SqliteError(target, path, sqlite3_errcode(target));
  return copy;
}

SnapshotCopy::~SnapshotCopy() {
  backup_.reset();
  target_.reset();
  if (!complete_) RemoveSnapshot(path_);
}

absl::StatusOr<bool> SnapshotCopy::Step() {
  errno = 0;
  const int code = sqlite3_backup_step(backup_.get(), kPagesAtOnce);
  if (code == SQLITE_OK) return false;
  if (code != SQLITE_DONE) return SqliteError(target_.get(), path_, code);
  if (absl::Status completed = Complete(); !completed.ok()) return completed;
  return true;
}

absl::Status SnapshotCopy::Complete() {
  backup_.reset();
  // The copy says of itself that it has a write-ahead log, as the journal does; a file that travels alone has none.
  errno = 0;
  const int code = sqlite3_exec(target_.get(), "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(target_.get(), path_, code);
  target_.reset();
  complete_ = true;
  return absl::OkStatus();
}

}  // namespace jettyfleet
