#include "coordinator/backup/backup_desk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "common/sha256.h"
#include "coordinator/backup/inspect_file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::UnavailableError(absl::StrCat("backup ", path, ": ", what, ": ", std::strerror(errno)));
}

// All of what `fd` has from its beginning on.
absl::Status Digest(int fd, const std::string& path, v1::BackupSummary* summary) {
  Sha256 sha256;
  std::vector<char> piece(kPieceBytes);
  uint64_t size = 0;
  for (;;) {
    const ssize_t got = pread(fd, piece.data(), piece.size(), static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(path, "cannot be read");
    if (got == 0) break;
    sha256.Add(piece.data(), static_cast<std::size_t>(got));
    size += static_cast<uint64_t>(got);
  }
  summary->set_size_bytes(size);
  summary->set_sha256(sha256.Finish());
  return absl::OkStatus();
}

// Reads it twice: once as a database, once as bytes.
absl::StatusOr<std::shared_ptr<BackupFile>> OpenChecked(const std::string& path, absl::Time at) {
  const absl::StatusOr<JournalFileFacts> facts = InspectJournalFile(path, path);
  if (!facts.ok()) return facts.status();
  auto file = std::make_shared<BackupFile>();
  *file->summary.mutable_at() = ToProto(at);
  file->summary.set_last_sequence(static_cast<uint64_t>(facts->last_sequence));
  file->summary.set_format(static_cast<uint32_t>(facts->format));
  file->fd = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file->fd.get() < 0) return SystemError(path, "cannot be opened");
  if (absl::Status digested = Digest(file->fd.get(), path, &file->summary); !digested.ok()) return digested;
  return file;
}

}  // namespace

struct BackupDesk::Making {
  GivenUp given_up;
  Done done;
  std::unique_ptr<SnapshotCopy> copy;
  std::thread checker;
};

BackupDesk::BackupDesk(CoreLoop& core, SqliteDatabase& database, std::string path, const Clock& clock)
    : core_(core), database_(database), path_(std::move(path)), clock_(clock) {
  RemoveSnapshot(path_);
}

BackupDesk::~BackupDesk() {
  if (making_ == nullptr) return;
  if (making_->checker.joinable()) making_->checker.join();
  making_.reset();
  RemoveSnapshot(path_);
}

void BackupDesk::Make(GivenUp given_up, Done done) {
  if (making_ != nullptr || !sent_.expired()) {
    return done(absl::FailedPreconditionError("another backup is being made: wait for its end"));
  }
  absl::StatusOr<std::unique_ptr<SnapshotCopy>> copy = SnapshotCopy::Begin(database_, path_);
  if (!copy.ok()) return done(copy.status());
  making_ = std::make_unique<Making>();
  making_->given_up = std::move(given_up);
  making_->done = std::move(done);
  making_->copy = *std::move(copy);
  Step();
}

void BackupDesk::Step() {
  if (making_->given_up()) return Finish(absl::CancelledError("nobody waits for the backup any more"));
  const absl::StatusOr<bool> complete = making_->copy->Step();
  if (!complete.ok()) return Finish(complete.status());
  if (*complete) return Check();
  core_.Post([this] { Step(); });
}

void BackupDesk::Check() {
  making_->copy.reset();
  making_->checker = std::thread([this, path = path_, at = clock_.WallNow()] {
    auto file = OpenChecked(path, at);
    core_.Post([this, file = std::move(file)]() mutable {
      making_->checker.join();
      Finish(std::move(file));
    });
  });
}

void BackupDesk::Finish(absl::StatusOr<std::shared_ptr<BackupFile>> result) {
  const std::unique_ptr<Making> made = std::move(making_);
  made->copy.reset();
  RemoveSnapshot(path_);
  if (result.ok()) {
    sent_ = *result;
    LogInfo(absl::StrCat("a backup was made: ", (*result)->summary.size_bytes(), " bytes, up to record ",
                         (*result)->summary.last_sequence()));
  } else if (!absl::IsCancelled(result.status())) {
    LogWarning(absl::StrCat("no backup: ", std::string(result.status().message())));
  }
  made->done(std::move(result));
}

}  // namespace jettyfleet
