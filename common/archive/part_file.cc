#include "common/archive/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/durable_file.h"

namespace jettyfleet {
namespace {

absl::Status Problem(absl::string_view what, const std::string& path, int error) {
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(absl::StrCat(message, ": free space there"));
  }
  return absl::UnavailableError(message);
}

// Whether `path` is still the file behind `fd`: whoever held the lock before may have renamed or removed it.
bool IsStill(const std::string& path, const struct stat& about) {
  struct stat named;
  return lstat(path.c_str(), &named) == 0 && named.st_dev == about.st_dev && named.st_ino == about.st_ino;
}

}  // namespace

WriteCall SystemWrite() {
  return [](int fd, const void* data, std::size_t size) { return write(fd, data, size); };
}

absl::StatusOr<std::unique_ptr<PartFile>> PartFile::Open(const std::string& path, WriteCall write) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Problem("write", path, errno);
  struct stat about;
  if (fstat(fd, &about) < 0) {
    const int error = errno;
    close(fd);
    return Problem("look at", path, error);
  }
  if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !IsStill(path, about)) {
    close(fd);
    return absl::AbortedError(absl::StrCat("somebody else is writing ", path, " just now; try again"));
  }
  if (!S_ISREG(about.st_mode)) {
    close(fd);
    return absl::UnavailableError(absl::StrCat(path, " is not a regular file: move it away"));
  }
  return std::unique_ptr<PartFile>(new PartFile(path, fd, static_cast<uint64_t>(about.st_size), std::move(write)));
}

PartFile::~PartFile() { close(fd_); }

absl::Status PartFile::Truncate(uint64_t size) {
  if (size >= size_) return absl::OkStatus();
  if (ftruncate(fd_, static_cast<off_t>(size)) < 0) return Problem("cut", path_, errno);
  size_ = size;
  return absl::OkStatus();
}

absl::Status PartFile::Append(absl::string_view data) {
  while (!data.empty()) {
    const ssize_t written = write_(fd_, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Problem("write", path_, errno);
    size_ += static_cast<uint64_t>(written);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status PartFile::PublishAs(const std::string& path) {
  if (fsync(fd_) < 0) return Problem("sync", path_, errno);
  if (std::rename(path_.c_str(), path.c_str()) < 0) return Problem("rename", path_, errno);
  return SyncDirectoryOf(path);
}

absl::Status PartFile::Discard() { return RemoveFile(path_); }

}  // namespace jettyfleet
