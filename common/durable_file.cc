#include "common/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

absl::Status Problem(absl::string_view what, const std::string& path, int error) {
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

// Returns 0 or an errno.
int WriteAndSync(int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(fd) < 0 ? errno : 0;
}

}  // namespace

absl::Status SyncDirectoryOf(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Problem("open", directory, errno);
  const int error = fsync(fd) < 0 ? errno : 0;
  close(fd);
  return error == 0 ? absl::OkStatus() : Problem("sync", directory, error);
}

absl::Status ReplaceFile(const std::string& path, absl::string_view content) {
  const std::string beside = absl::StrCat(path, ".new");
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Problem("write", beside, errno);
  int error = WriteAndSync(fd, content);
  // Some file systems report a full disk only here.
  if (close(fd) < 0 && error == 0) error = errno;
  if (error == 0 && std::rename(beside.c_str(), path.c_str()) < 0) error = errno;
  if (error != 0) {
    unlink(beside.c_str());
    return Problem("write", path, error);
  }
  return SyncDirectoryOf(path);
}

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) < 0) return errno == ENOENT ? absl::OkStatus() : Problem("remove", path, errno);
  return SyncDirectoryOf(path);
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return absl::OkStatus();
  std::filesystem::create_directories(path, error);
  if (error) return Problem("make", path, error.value());
  if (chmod(path.c_str(), 0700) < 0) return Problem("set the mode of", path, errno);
  return SyncDirectoryOf(path);
}

}  // namespace jettyfleet
