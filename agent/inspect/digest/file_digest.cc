#include "agent/inspect/digest/file_digest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "agent/inspect/digest/read_ahead.h"

namespace jettyfleet {
namespace {

constexpr int kMostReads = 3;
constexpr std::size_t kBlock = 256 << 10;
constexpr uint64_t kLarge = 4 << 20;

std::string Words(int error) {
  if (error != ETIME) return strerror(error);
  return "there was no time left to read it: check again, what was read is remembered; or with --rehash, which may "
         "take "
         "minutes";
}

}  // namespace

FileDigest::FileDigest(int root, absl::Time deadline, DigestCache* cache)
    : root_(root), deadline_(deadline), cache_(cache), block_(new char[kBlock]) {}

void FileDigest::Read(FoundFile* file) {
  // Before it is opened: a large tree has many files left when the time is over.
  if (absl::Now() > deadline_) {
    file->error = Words(ETIME);
    return;
  }
  const std::size_t slash = file->path.rfind('/');
  const bool below = slash != std::string::npos;
  if (const int error = EnterDirectory(below ? absl::string_view(file->path).substr(0, slash) : ""); error != 0) {
    file->error = Words(error);
    return;
  }
  const char* const name = file->path.c_str() + (below ? slash + 1 : 0);
  const QuietFile open = QuietFile::Open(directory_.ok() ? directory_.get() : root_, name, O_NOFOLLOW);
  if (open.ok()) return ReadOpen(open.get(), file);
  file->error = Words(errno);
}

// 0, or an errno.
int FileDigest::EnterDirectory(absl::string_view path) {
  if (path == directory_path_) return 0;
  directory_ = QuietFile();
  directory_path_.clear();
  QuietFile entered;
  for (const std::string& step : std::vector<std::string>(absl::StrSplit(path, '/', absl::SkipEmpty()))) {
    entered = QuietFile::Open(entered.ok() ? entered.get() : root_, step.c_str(), O_DIRECTORY | O_NOFOLLOW);
    if (!entered.ok()) return errno;
  }
  directory_ = std::move(entered);
  directory_path_ = std::string(path);
  return 0;
}

void FileDigest::ReadOpen(int fd, FoundFile* file) {
  for (int attempt = 0; attempt < kMostReads; ++attempt) {
    struct stat before, after;
    if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode)) {
      file->error = "it is no regular file any more";
      return;
    }
    const absl::Time read_at = absl::Now();
    if (const int error = ReadOnce(fd, static_cast<uint64_t>(before.st_size)); error != 0) {
      file->error = Words(error);
      return;
    }
    const std::string sha256 = sha256_.Finish();
    if (fstat(fd, &after) != 0 || !(DigestCache::KeyOf(before) == DigestCache::KeyOf(after))) continue;
    file->SetAbout(after);
    file->sha256 = sha256;
    cache_->Keep(DigestCache::KeyOf(after), sha256, read_at);
    return;
  }
  file->error = absl::StrCat("it changed each of the ", kMostReads, " times that it was read");
}

// 0, or an errno; ETIME past the deadline.
int FileDigest::ReadOnce(int fd, uint64_t size) {
  sha256_.Reset();
  return size < kLarge ? ReadHere(fd) : ReadBeside(fd);
}

int FileDigest::ReadHere(int fd) {
  off_t at = 0;
  while (true) {
    const ssize_t length = pread(fd, block_.get(), kBlock, at);
    if (length == 0) return 0;
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return errno;
    if (absl::Now() > deadline_) return ETIME;
    sha256_.Add(block_.get(), static_cast<std::size_t>(length));
    at += length;
  }
}

// Copying from the page cache takes a quarter of the time that SHA instructions take: worth a thread.
int FileDigest::ReadBeside(int fd) {
  ReadAhead ahead(fd);
  for (absl::string_view next = ahead.Next(); !next.empty(); next = ahead.Next()) {
    if (absl::Now() > deadline_) return ETIME;
    sha256_.Add(next);
  }
  return ahead.error();
}

}  // namespace jettyfleet
