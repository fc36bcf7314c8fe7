#include "agent/inspect/path/mount_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLimitBytes = 16 << 20;

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

absl::Status Problem(absl::string_view what, uint32_t pid, int error) {
  if (error == ENOENT || error == ESRCH) {
    return absl::NotFoundError(absl::StrCat("the unit's main process ", pid, " has just ended; try again"));
  }
  return absl::PermissionDeniedError(
      absl::StrCat("cannot ", what, " of the unit's main process ", pid, ": ", std::strerror(error)));
}

bool SameFile(const std::string& one, const std::string& other) {
  struct stat first;
  struct stat second;
  return stat(one.c_str(), &first) == 0 && stat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace

absl::StatusOr<std::vector<Mount>> MountsOf(uint32_t pid) {
  const std::string path = pid == 0 ? "/proc/self/mountinfo" : absl::StrCat("/proc/", pid, "/mountinfo");
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kLimitBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<Mount>> mounts = ParseMountInfo(*text);
  if (mounts.ok()) return mounts;
  return absl::DataLossError(absl::StrCat(path, ": ", mounts.status().message()));
}

absl::Status EnterMountNamespace(uint32_t pid) {
  const std::string process = absl::StrCat("/proc/", pid);
  const bool same_namespace = SameFile(process + "/ns/mnt", "/proc/self/ns/mnt");
  if (same_namespace && SameFile(process + "/root", "/proc/self/root")) return absl::OkStatus();
  // Both before anything is changed: /proc is another one afterwards.
  const Descriptor mounts(open((process + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
  if (mounts.get() < 0) return Problem("open the mount namespace", pid, errno);
  const Descriptor root(open((process + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return Problem("open the root directory", pid, errno);
  if (!same_namespace && setns(mounts.get(), CLONE_NEWNS) < 0) return Problem("enter the mount namespace", pid, errno);
  if (fchdir(root.get()) < 0 || chroot(".") < 0) return Problem("enter the root directory", pid, errno);
  return absl::OkStatus();
}

}  // namespace jettyfleet
