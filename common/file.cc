#include "common/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

absl::Status SystemError(const std::string& path, int error) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  if (error == EEXIST) return absl::AlreadyExistsError(absl::StrCat(path, ": already exists and is left alone"));
  return absl::FailedPreconditionError(message);
}

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// 0, or an errno.
int WriteAll(int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int FillAndName(int fd, const std::string& temporary, const std::string& path, absl::string_view content, mode_t mode) {
  if (const int error = WriteAll(fd, content); error != 0) return error;
  if (fchmod(fd, mode) < 0 || fsync(fd) < 0) return errno;
  // link(2), unlike rename(2), never replaces what is there.
  if (link(temporary.c_str(), path.c_str()) < 0) return errno;
  const Descriptor directory(open(DirectoryOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) < 0) return errno;
  return 0;
}

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::size_t limit_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return SystemError(path, errno);
  struct stat about;
  if (fstat(file.get(), &about) < 0) return SystemError(path, errno);
  if (!S_ISREG(about.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path, ": is not a regular file"));
  return ReadDescriptor(file.get(), path, limit_bytes);
}

absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& name, std::size_t limit_bytes) {
  std::string content;
  char buffer[16384];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(name, errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > limit_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(name, ": is larger than ", limit_bytes, " bytes"));
    }
  }
}

absl::Status WriteNewFile(const std::string& path, absl::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));  // made with mode 0600
  if (file.get() < 0) return SystemError(path, errno);
  const int error = FillAndName(file.get(), temporary, path, content, mode);
  unlink(temporary.c_str());
  return error == 0 ? absl::OkStatus() : SystemError(path, error);
}

}  // namespace jettyfleet
