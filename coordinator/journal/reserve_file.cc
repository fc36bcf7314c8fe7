#include "coordinator/journal/reserve_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jettyfleet {

bool ReserveFile::Present() const {
  struct stat about;
  return lstat(path_.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= size_bytes_;
}

bool ReserveFile::Make() {
  if (Present()) return true;
  unlink(path_.c_str());
  const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return false;
  // fsync: with delayed allocation the blocks would otherwise be promised and not there.
  const bool made = posix_fallocate(fd, 0, size_bytes_) == 0 && fsync(fd) == 0;
  close(fd);
  if (!made) unlink(path_.c_str());
  return made;
}

void ReserveFile::Release() { unlink(path_.c_str()); }

}  // namespace jettyfleet
