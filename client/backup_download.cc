#include "client/backup_download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/durable_file.h"

namespace jettyfleet {
namespace {

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::UnavailableError(absl::StrCat(path, ": ", what, ": ", std::strerror(errno)));
}

}  // namespace

BackupDownload::BackupDownload(std::string file, int fd)
    : file_(std::move(file)), partial_(absl::StrCat(file_, ".partial")), fd_(fd) {}

absl::StatusOr<std::unique_ptr<BackupDownload>> BackupDownload::Make(const std::string& file) {
  struct stat about;
  if (lstat(file.c_str(), &about) == 0) {
    return absl::AlreadyExistsError(absl::StrCat(file, ": is there already and is left alone; name another file"));
  }
  const std::string partial = absl::StrCat(file, ".partial");
  const int fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) return std::unique_ptr<BackupDownload>(new BackupDownload(file, fd));
  if (errno != EEXIST) return SystemError(partial, "cannot be made");
  return absl::AlreadyExistsError(
      absl::StrCat(partial, ": another backup is being taken there, or one was cut off; then remove it"));
}

BackupDownload::~BackupDownload() {
  close(fd_);
  // Gone already where it was kept.
  unlink(partial_.c_str());
}

absl::Status BackupDownload::Add(absl::string_view bytes) {
  sha256_.Add(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(partial_, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status BackupDownload::Keep(const v1::BackupSummary& summary) {
  if (size_ != summary.size_bytes() || sha256_.Finish() != summary.sha256()) {
    return absl::DataLossError(absl::StrCat(file_, ": what came is not what the coordinator has sent (", size_, " of ",
                                            summary.size_bytes(), " bytes): take the backup again"));
  }
  if (fsync(fd_) != 0) return SystemError(partial_, "cannot be synced");
  // Unlike a renaming, a link replaces nothing.
  if (link(partial_.c_str(), file_.c_str()) != 0) return SystemError(file_, "cannot be made");
  unlink(partial_.c_str());
  return SyncDirectoryOf(file_);
}

}  // namespace jettyfleet
