#include "coordinator/backup/copy_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/unique_fd.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

absl::Status SystemError(const std::string& path, const char* what) {
  const std::string line = absl::StrCat(path, ": ", what, ": ", std::strerror(errno));
  switch (errno) {
    case ENOENT:
      return absl::NotFoundError(line);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(line);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(absl::StrCat(line, ": free space"));
    default:
      return absl::UnavailableError(line);
  }
}

bool WriteAll(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

absl::Status CopyFile(const std::string& from, const std::string& to) {
  // Not blocking: a pipe would keep the open waiting.
  const UniqueFd source(open(from.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (source.get() < 0) return SystemError(from, "cannot be opened");
  struct stat about;
  if (fstat(source.get(), &about) != 0) return SystemError(from, "cannot be looked at");
  if (!S_ISREG(about.st_mode)) return absl::FailedPreconditionError(absl::StrCat(from, ": is not a regular file"));
  const UniqueFd target(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (target.get() < 0) return SystemError(to, "cannot be made");
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    const ssize_t got = read(source.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(from, "cannot be read");
    if (got == 0) break;
    if (!WriteAll(target.get(), piece.data(), static_cast<std::size_t>(got)))
      return SystemError(to, "cannot be written");
  }
  return fsync(target.get()) == 0 ? absl::OkStatus() : SystemError(to, "cannot be synced");
}

}  // namespace jettyfleet
