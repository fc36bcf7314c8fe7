#include "agent/inspect/digest/tree_digest.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/inspect/digest/read_ahead.h"
#include "common/sha256.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr int kMostReads = 3;
constexpr std::size_t kBlock = 256 << 10;
constexpr off_t kLarge = 4 << 20;

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

// Reading is not to look like use; only the owner and root may ask for that.
int OpenQuietly(int directory, const char* path, int flags) {
  const int fd = openat(directory, path, flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOATIME);
  if (fd >= 0 || errno != EPERM) return fd;
  return openat(directory, path, flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

struct Found {
  std::string path;  // relative to the root
  struct stat stat = {};
  std::string sha256;
  std::string error;
  bool hash = false;  // a regular file that the cache does not know
};

// Collects what there is below a directory, each directory's names in order.
class Walk {
 public:
  Walk(const TreeLimits& limits, absl::Time deadline, DigestCache* cache)
      : limits_(limits), deadline_(deadline), cache_(cache) {}

  void Directory(int fd, const std::string& path, int depth) {
    if (depth > limits_.deepest) return Stop(absl::StrCat("it is more than ", limits_.deepest, " directories deep"));
    const int copy = dup(fd);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(copy < 0 ? nullptr : fdopendir(copy), &closedir);
    if (directory == nullptr) return Stop(absl::StrCat("cannot list ", path, ": ", strerror(errno)));
    std::vector<std::string> names;
    while (const dirent* const entry = readdir(directory.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
      if (names.size() + found_.size() > limits_.most_files) return TooMany();
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      Entry(fd, name, path.empty() ? name : absl::StrCat(path, "/", name), depth);
      if (!error_.empty()) return;
    }
  }

  std::vector<Found>& found() { return found_; }
  const std::string& error() const { return error_; }

 private:
  void Stop(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
  void TooMany() { Stop(absl::StrCat("it holds more than ", limits_.most_files, " files")); }

  void Entry(int directory, const std::string& name, const std::string& path, int depth) {
    if (absl::Now() > deadline_) return Stop("there was no time left to look at all of it");
    Found found;
    found.path = path;
    if (fstatat(directory, name.c_str(), &found.stat, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return;  // gone since it was listed
      found.error = strerror(errno);
    } else if (S_ISDIR(found.stat.st_mode)) {
      const Descriptor below(OpenQuietly(directory, name.c_str(), O_DIRECTORY | O_NOFOLLOW));
      if (below.get() >= 0) return Directory(below.get(), path, depth + 1);
      found.error = strerror(errno);
    } else if (S_ISLNK(found.stat.st_mode)) {
      found.sha256 = LinkDigest(directory, name, &found.error);
    } else if (!S_ISREG(found.stat.st_mode)) {
      found.error = "it is neither a file, a directory nor a symbolic link";
    } else if (const auto known = cache_->Find(DigestCache::KeyOf(found.stat)); known.has_value()) {
      found.sha256 = *known;
    } else {
      found.hash = true;
    }
    if (found_.size() >= limits_.most_files) return TooMany();
    found_.push_back(std::move(found));
  }

  static std::string LinkDigest(int directory, const std::string& name, std::string* error) {
    char text[4096];
    const ssize_t length = readlinkat(directory, name.c_str(), text, sizeof text);
    if (length < 0) {
      *error = strerror(errno);
      return "";
    }
    Sha256 sha256;
    sha256.Add("symbolic link to ");
    sha256.Add(text, static_cast<std::size_t>(length));
    return sha256.Finish();
  }

  const TreeLimits& limits_;
  const absl::Time deadline_;
  DigestCache* const cache_;
  std::vector<Found> found_;
  std::string error_;
};

// Reads one file as it is now.
class Reader {
 public:
  Reader(int root, absl::Time deadline, DigestCache* cache)
      : root_(root), deadline_(deadline), cache_(cache), block_(new char[kBlock]) {}

  void Read(Found* found) {
    const Descriptor file(OpenQuietly(root_, found->path.c_str(), O_NOFOLLOW));
    if (file.get() < 0) {
      found->error = strerror(errno);
      return;
    }
    ReadFrom(file.get(), found);
  }

  void ReadFrom(int fd, Found* found) {
    for (int attempt = 0; attempt < kMostReads; ++attempt) {
      struct stat before, after;
      if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode)) {
        found->error = "it is no regular file any more";
        return;
      }
      const absl::Time read_at = absl::Now();
      if (!ReadOnce(fd, found)) return;
      if (fstat(fd, &after) == 0 && DigestCache::KeyOf(before) == DigestCache::KeyOf(after)) {
        found->stat = after;
        cache_->Keep(DigestCache::KeyOf(after), found->sha256, read_at);
        return;
      }
    }
    found->sha256.clear();
    found->error = absl::StrCat("it changed each of the ", kMostReads, " times that it was read");
  }

 private:
  bool ReadOnce(int fd, Found* found) {
    sha256_.Reset();
    const int error = found->stat.st_size < kLarge ? ReadHere(fd) : ReadBeside(fd);
    if (error == 0) {
      found->sha256 = sha256_.Finish();
      return true;
    }
    found->error = error == ETIME ? "there was no time left to read it; what was read is kept, so check again, or with --rehash, which takes its time" : strerror(error);
    return false;
  }

  // 0, or an errno; ETIME past the deadline.
  int ReadHere(int fd) {
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
  int ReadBeside(int fd) {
    ReadAhead ahead(fd);
    for (absl::string_view next = ahead.Next(); !next.empty(); next = ahead.Next()) {
      if (absl::Now() > deadline_) return ETIME;
      sha256_.Add(next);
    }
    return ahead.error();
  }

  const int root_;
  const absl::Time deadline_;
  DigestCache* const cache_;
  const std::unique_ptr<char[]> block_;
  Sha256 sha256_;
};

void ReadAll(int root, int threads, absl::Time deadline, DigestCache* cache, std::vector<Found>* all) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    Reader reader(root, deadline, cache);
    for (std::size_t i = next++; i < all->size(); i = next++) {
      if ((*all)[i].hash) reader.Read(&(*all)[i]);
    }
  };
  const auto missing = std::count_if(all->begin(), all->end(), [](const Found& found) { return found.hash; });
  std::vector<std::thread> helpers;
  for (int i = 1; i < threads && i < missing; ++i) helpers.emplace_back(work);
  if (missing > 0) work();
  for (std::thread& helper : helpers) helper.join();
}

void Fill(const std::vector<Found>& all, const TreeLimits& limits, v1::TreeFact* fact) {
  Sha256 over_all;
  bool whole = true;
  absl::Time newest = absl::InfinitePast();
  for (const Found& found : all) {
    fact->set_file_count(fact->file_count() + 1);
    fact->set_total_bytes(fact->total_bytes() + static_cast<uint64_t>(found.stat.st_size));
    newest = std::max(newest, absl::TimeFromTimespec(found.stat.st_mtim));
    over_all.Add(found.path.c_str(), found.path.size() + 1);
    over_all.Add(found.sha256);
    if (!found.error.empty() && whole) {
      whole = false;
      fact->set_error(absl::StrCat(fact->root(), found.path.empty() ? "" : "/", found.path, ": ", found.error));
    }
    if (static_cast<std::size_t>(fact->files_size()) >= limits.most_listed) {
      fact->set_files_cut_short(true);
      continue;
    }
    v1::FileFact* const file = fact->add_files();
    file->set_path(found.path);
    file->set_sha256(found.sha256);
    file->set_size(static_cast<uint64_t>(found.stat.st_size));
    file->set_error(found.error);
  }
  if (whole) fact->set_sha256(over_all.Finish());
  if (!all.empty()) *fact->mutable_newest() = ToProto(newest);
}

}  // namespace

v1::TreeFact DigestTree(const std::string& root, DigestCache* cache, const TreeLimits& limits) {
  v1::TreeFact fact;
  fact.set_root(root);
  const absl::Time deadline = absl::Now() + limits.longest;
  const Descriptor top(OpenQuietly(AT_FDCWD, root.c_str(), 0));
  struct stat stat;
  if (top.get() < 0 || fstat(top.get(), &stat) != 0) {
    fact.set_error(absl::StrCat("cannot open ", root, ": ", strerror(errno)));
    return fact;
  }
  Walk walk(limits, deadline, cache);
  if (S_ISDIR(stat.st_mode)) {
    walk.Directory(top.get(), "", 0);
    if (!walk.error().empty()) {
      fact.set_error(absl::StrCat(root, ": ", walk.error()));
      return fact;
    }
    ReadAll(top.get(), limits.threads, deadline, cache, &walk.found());
    Fill(walk.found(), limits, &fact);
    return fact;
  }
  if (!S_ISREG(stat.st_mode)) {
    fact.set_error(absl::StrCat(root, " is neither a file nor a directory"));
    return fact;
  }
  const std::optional<std::string> known = cache->Find(DigestCache::KeyOf(stat));
  std::vector<Found> one(1);
  one[0].stat = stat;
  if (known.has_value()) {
    one[0].sha256 = *known;
  } else {
    Reader(AT_FDCWD, deadline, cache).ReadFrom(top.get(), &one[0]);
  }
  Fill(one, limits, &fact);
  return fact;
}

}  // namespace jettyfleet
