#include "agent/inspect/path/path_probe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
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

bool IsRefusal(int error) { return error == EACCES || error == EPERM; }

v1::Answer ToAnswer(bool yes) { return yes ? v1::ANSWER_YES : v1::ANSWER_NO; }

// Opened only to be named by: asks for no right on the directory itself. The dot at the end makes the kernel mount what
// is mounted on demand.
int OpenPath(const std::string& path) {
  return open(absl::StrCat(path, "/.").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void SetSpace(int directory, v1::PathFact* fact) {
  struct statvfs space;
  if (fstatvfs(directory, &space) < 0) {
    fact->set_error(absl::StrCat("its file system does not tell its space: ", std::strerror(errno)));
    return;
  }
  // What others than root may still use.
  fact->set_free_bytes(static_cast<uint64_t>(space.f_bavail) * space.f_frsize);
  fact->set_total_bytes(static_cast<uint64_t>(space.f_blocks) * space.f_frsize);
  fact->set_free_inodes(space.f_favail);
  fact->set_total_inodes(space.f_files);
}

void SetMount(int directory, const std::vector<Mount>& mounts, v1::PathFact* fact) {
  struct statx about;
  if (statx(directory, "", AT_EMPTY_PATH, STATX_MNT_ID, &about) < 0) {
    fact->set_error(absl::StrCat("cannot be looked at: ", std::strerror(errno)));
    return;
  }
  if ((about.stx_mask & STATX_MNT_ID) == 0) {
    fact->set_error("its mount is unknown: this kernel does not tell it (Linux 5.8 and later do)");
    return;
  }
  const Mount* const mount = MountWithId(mounts, about.stx_mnt_id);
  if (mount == nullptr) {
    fact->set_error("its mount is unknown: it is not among those that the unit's process lists");
    return;
  }
  fact->set_mount_point(mount->point);
  fact->set_mount_source(mount->source);
  fact->set_mount_root(mount->root);
  fact->set_fs_type(mount->fs_type);
  fact->set_mount_options(mount->options);
  fact->set_device_major(mount->device_major);
  fact->set_device_minor(mount->device_minor);
}

// 0 or an errno.
int MakeMarker(const std::string& path, const std::string& marker, const std::string& content) {
  const Descriptor directory(OpenPath(path));
  if (directory.get() < 0) return errno;
  umask(0);
  const int fd = openat(directory.get(), marker.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return errno;
  // What does not fit on a full disk is missed by nobody: the name is what is looked for.
  const bool written = write(fd, content.data(), content.size()) >= 0 || errno == ENOSPC || errno == EDQUOT;
  const int error = written ? 0 : errno;
  // A network file system may tell only now.
  const bool closed = close(fd) == 0 || errno == ENOSPC || errno == EDQUOT;
  return error == 0 && !closed ? errno : error;
}

}  // namespace

PathProbe::PathProbe(std::string path, std::function<absl::StatusOr<Credentials>()> who)
    : path_(std::move(path)), who_(std::move(who)) {}

bool PathProbe::BecomeUser() {
  if (tried_user_) return user_.ok();
  tried_user_ = true;
  const absl::StatusOr<Credentials> credentials = who_();
  user_ = credentials.ok() ? TakeOn(*credentials) : credentials.status();
  return user_.ok();
}

int PathProbe::AsWhoMay(const std::function<int()>& work) {
  const int error = work();
  return IsRefusal(error) && !tried_user_ && BecomeUser() ? work() : error;
}

int PathProbe::OpenDirectory() {
  int fd = -1;
  const int error = AsWhoMay([&] { return (fd = OpenPath(path_)) < 0 ? errno : 0; });
  return error == 0 ? fd : -error;
}

v1::PathFact PathProbe::Inspect(const std::vector<Mount>& mounts) {
  v1::PathFact fact;
  fact.set_path(path_);
  if (!absl::StartsWith(path_, "/")) {
    fact.set_error("is not an absolute path");
    return fact;
  }
  const int opened = OpenDirectory();
  if (opened == -ENOENT) {
    fact.set_exists(v1::ANSWER_NO);
    return fact;
  }
  if (opened < 0) {
    fact.set_error(opened == -ENOTDIR ? "is not a directory"
                                      : absl::StrCat("cannot be opened: ", std::strerror(-opened)));
    return fact;
  }
  const Descriptor directory(opened);
  fact.set_exists(v1::ANSWER_YES);
  SetMount(directory.get(), mounts, &fact);
  SetSpace(directory.get(), &fact);
  JudgeWritable(&fact);
  return fact;
}

void PathProbe::JudgeWritable(v1::PathFact* fact) {
  if (!BecomeUser()) {
    fact->set_writable_error(std::string(user_.message()));
    return;
  }
  // By its path, as the application goes: a directory above that it may not enter counts too.
  const int error = faccessat(AT_FDCWD, path_.c_str(), W_OK | X_OK, AT_EACCESS) < 0 ? errno : 0;
  if (error == 0 || IsRefusal(error) || error == EROFS) {
    fact->set_writable(ToAnswer(error == 0));
  }
  if (error != 0) fact->set_writable_error(std::strerror(error));
}

v1::MarkerSighting PathProbe::Place(const std::string& marker, const std::string& content) {
  v1::MarkerSighting sighting;
  sighting.set_path(path_);
  sighting.set_marker(marker);
  // Never as root: the application may have put links in the path that lead elsewhere.
  if (!BecomeUser()) {
    sighting.set_error(absl::StrCat("no marker could be left: ", user_.message()));
    return sighting;
  }
  const int error = MakeMarker(path_, marker, content);
  if (error == EEXIST) return Look(marker);
  if (error == 0) {
    sighting.set_seen(v1::ANSWER_YES);
  } else {
    sighting.set_error(absl::StrCat("no marker could be left: ", std::strerror(error)));
  }
  return sighting;
}

v1::MarkerSighting PathProbe::Look(const std::string& marker) {
  v1::MarkerSighting sighting;
  sighting.set_path(path_);
  sighting.set_marker(marker);
  const int error = AsWhoMay([&] {
    const Descriptor directory(OpenPath(path_));
    if (directory.get() < 0) return errno;
    const Descriptor file(
        openat(directory.get(), marker.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    return file.get() < 0 ? errno : 0;
  });
  if (error == 0 || error == ENOENT) {
    sighting.set_seen(ToAnswer(error == 0));
  } else {
    sighting.set_error(absl::StrCat("cannot look for the marker: ", std::strerror(error)));
  }
  return sighting;
}

v1::MarkerSighting PathProbe::Remove(const std::string& marker) {
  v1::MarkerSighting sighting;
  sighting.set_path(path_);
  sighting.set_marker(marker);
  const int error = AsWhoMay([&] {
    const Descriptor directory(OpenPath(path_));
    if (directory.get() < 0) return errno;
    return unlinkat(directory.get(), marker.c_str(), 0) < 0 ? errno : 0;
  });
  if (error == 0 || error == ENOENT) {
    sighting.set_seen(v1::ANSWER_NO);
  } else {
    sighting.set_error(absl::StrCat("the marker cannot be removed: ", std::strerror(error)));
  }
  return sighting;
}

}  // namespace jettyfleet
