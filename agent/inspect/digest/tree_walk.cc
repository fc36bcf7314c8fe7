#include "agent/inspect/digest/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/inspect/digest/quiet_file.h"
#include "common/sha256.h"

namespace jettyfleet {
namespace {

std::string LinkDigest(int directory, const std::string& name, std::string* error) {
  char text[PATH_MAX];
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

class Walk {
 public:
  Walk(const TreeLimits& limits, DigestCache* cache) : limits_(limits), cache_(cache) {}

  void Directory(int fd, const std::string& path, int depth) {
    if (depth > limits_.deepest) return Stop(absl::StrCat("it is more than ", limits_.deepest, " directories deep"));
    const std::vector<std::string> names = NamesIn(fd, path);
    for (const std::string& name : names) {
      if (!listing_.error.empty()) return;
      Entry(fd, name, path.empty() ? name : absl::StrCat(path, "/", name), depth);
    }
  }

  TreeListing& listing() { return listing_; }

 private:
  void Stop(std::string why) {
    if (listing_.error.empty()) listing_.error = std::move(why);
  }

  std::vector<std::string> NamesIn(int fd, const std::string& path) {
    std::vector<std::string> names;
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(copy < 0 ? nullptr : fdopendir(copy), &closedir);
    while (directory != nullptr && listing_.error.empty()) {
      errno = 0;
      const dirent* const entry = readdir(directory.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      names.push_back(name);
      name_bytes_ += path.size() + 1 + name.size();
      if (++seen_ > limits_.most_files) {
        Stop(absl::StrCat("it holds more than ", limits_.most_files, " files and directories"));
      } else if (name_bytes_ > limits_.most_name_bytes) {
        Stop(absl::StrCat("the names of its files take more than ", limits_.most_name_bytes, " bytes"));
      }
    }
    // Also at the end of a directory errno is 0.
    if (errno != 0 && listing_.error.empty()) {
      Stop(absl::StrCat("cannot list ", path.empty() ? "it" : ShownName(path), ": ", strerror(errno)));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  void Entry(int directory, const std::string& name, const std::string& path, int depth) {
    if (absl::Now() > limits_.until) return Stop("there was no time left to list all that it holds");
    FoundFile found;
    found.path = path;
    struct stat about;
    if (fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return;
      found.error = strerror(errno);
    } else if (S_ISDIR(about.st_mode)) {
      const QuietFile below = QuietFile::Open(directory, name.c_str(), O_DIRECTORY | O_NOFOLLOW);
      if (below.ok()) return Directory(below.get(), path, depth + 1);
      if (errno == ENOENT) return;
      found.error = strerror(errno);
    } else {
      found.SetAbout(about);
      Look(directory, name, about, &found);
    }
    listing_.files.push_back(std::move(found));
  }

  void Look(int directory, const std::string& name, const struct stat& about, FoundFile* found) {
    if (S_ISLNK(about.st_mode)) {
      found->sha256 = LinkDigest(directory, name, &found->error);
    } else if (!S_ISREG(about.st_mode)) {
      found->error = "it is neither a file, a directory nor a symbolic link";
    } else {
      const std::optional<std::string> known = cache_->Find(DigestCache::KeyOf(about));
      found->unread = !known.has_value();
      found->sha256 = known.value_or("");
    }
  }

  const TreeLimits& limits_;
  DigestCache* const cache_;
  TreeListing listing_;
  std::size_t seen_ = 0;
  std::size_t name_bytes_ = 0;
};

}  // namespace

void FoundFile::SetAbout(const struct stat& about) {
  size = static_cast<uint64_t>(about.st_size);
  modified = absl::TimeFromTimespec(about.st_mtim);
}

TreeListing WalkTree(int root, const TreeLimits& limits, DigestCache* cache) {
  Walk walk(limits, cache);
  walk.Directory(root, "", 0);
  return std::move(walk.listing());
}

}  // namespace jettyfleet
