#include "coordinator/journal/state_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace jettyfleet {
namespace {

absl::Status MakeError(const std::string& path, int error) {
  const std::string what = absl::StrCat("journal ", path, ": cannot be made: ", std::strerror(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(absl::StrCat(what, ": make its parent directory, or name another --state"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(
          absl::StrCat(what, ": give the coordinator's user write access there, or name another --state"));
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(absl::StrCat(what, ": free space, or name another --state"));
    default:
      return absl::FailedPreconditionError(absl::StrCat(what, ": name another --state"));
  }
}

absl::Status CheckOwner(const std::string& path, const struct stat& about) {
  if (about.st_uid == geteuid()) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("journal ", path, ": belongs to user ", about.st_uid,
                                                  ", not to user ", geteuid(), " that runs the coordinator: chown it"));
}

absl::Status SyncDirectory(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return MakeError(directory, errno);
  const int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return error == 0 ? absl::OkStatus() : MakeError(directory, error);
}

absl::Status PrepareDirectory(const std::string& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return MakeError(directory, errno);
  struct stat about;
  if (stat(directory.c_str(), &about) != 0) return MakeError(directory, errno);
  if (!S_ISDIR(about.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("journal ", directory, ": is not a directory: name another --state"));
  }
  if (absl::Status owned = CheckOwner(directory, about); !owned.ok()) return owned;
  if ((about.st_mode & 0022) != 0) {
    return absl::PermissionDeniedError(absl::StrFormat("journal %s: mode %04o lets others write to it: chmod 700 it",
                                                       directory, about.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::Status CheckFile(const std::string& path) {
  struct stat about;
  if (lstat(path.c_str(), &about) != 0) return MakeError(path, errno);
  if (!S_ISREG(about.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("journal ", path, ": is not a regular file: move it away, or name another --state"));
  }
  if (absl::Status owned = CheckOwner(path, about); !owned.ok()) return owned;
  if ((about.st_mode & 0077) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("journal %s: mode %04o lets others at it: chmod 600 it", path, about.st_mode & 07777));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareStateDirectory(const std::string& directory, const std::string& file) {
  if (absl::Status prepared = PrepareDirectory(directory); !prepared.ok()) return prepared;
  const std::string path = absl::StrCat(directory, "/", file);
  // An existing file is only looked at and never opened here: closing it would drop the locks that SQLite may hold on
  // it in this process (fcntl(2) locks go with any descriptor of the file).
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return errno == EEXIST ? CheckFile(path) : MakeError(path, errno);
  close(fd);
  return SyncDirectory(directory);
}

}  // namespace jettyfleet
