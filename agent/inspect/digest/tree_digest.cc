#include "agent/inspect/digest/tree_digest.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/inspect/digest/file_digest.h"
#include "agent/inspect/digest/quiet_file.h"
#include "common/proto_time.h"
#include "common/sha256.h"

namespace jettyfleet {
namespace {

void ReadUnread(int root, const TreeLimits& limits, DigestCache* cache, std::vector<FoundFile>* files) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    FileDigest digest(root, limits.until, cache);
    for (std::size_t i = next++; i < files->size(); i = next++) {
      if ((*files)[i].unread) digest.Read(&(*files)[i]);
    }
  };
  const auto unread = std::count_if(files->begin(), files->end(), [](const FoundFile& file) { return file.unread; });
  std::vector<std::thread> helpers;
  for (int i = 1; i < limits.threads && i < unread; ++i) helpers.emplace_back(work);
  if (unread > 0) work();
  for (std::thread& helper : helpers) helper.join();
}

FoundFile ReadSingle(int fd, const struct stat& about, const TreeLimits& limits, DigestCache* cache) {
  FoundFile file;
  file.SetAbout(about);
  if (const std::optional<std::string> known = cache->Find(DigestCache::KeyOf(about)); known.has_value()) {
    file.sha256 = *known;
  } else {
    FileDigest(-1, limits.until, cache).ReadOpen(fd, &file);
  }
  return file;
}

void Fill(const std::vector<FoundFile>& files, const TreeLimits& limits, v1::TreeFact* fact) {
  Sha256 over_all;
  bool whole = true;
  absl::Time newest = absl::InfinitePast();
  for (const FoundFile& found : files) {
    fact->set_file_count(fact->file_count() + 1);
    fact->set_total_bytes(fact->total_bytes() + found.size);
    newest = std::max(newest, found.modified);
    over_all.Add(found.path.c_str(), found.path.size() + 1);
    over_all.Add(found.sha256);
    if (!found.error.empty() && whole) {
      whole = false;
      const char* const slash = found.path.empty() ? "" : "/";
      fact->set_error(absl::StrCat(fact->root(), slash, ShownName(found.path), ": ", found.error));
    }
    if (static_cast<std::size_t>(fact->files_size()) >= limits.most_listed) {
      fact->set_files_cut_short(true);
      continue;
    }
    v1::FileFact* const file = fact->add_files();
    file->set_path(ShownName(found.path));
    file->set_sha256(found.sha256);
    file->set_size(found.size);
    file->set_error(found.error);
  }
  if (whole) fact->set_sha256(over_all.Finish());
  if (newest > absl::InfinitePast()) *fact->mutable_newest() = ToProto(newest);
}

}  // namespace

v1::TreeFact DigestTree(const std::string& root, DigestCache* cache, const TreeLimits& limits) {
  v1::TreeFact fact;
  fact.set_root(ShownName(root));
  const QuietFile top = QuietFile::Open(AT_FDCWD, root.c_str(), 0);
  struct stat about;
  if (!top.ok() || fstat(top.get(), &about) != 0) {
    fact.set_error(absl::StrCat("cannot open ", fact.root(), ": ", strerror(errno)));
  } else if (S_ISREG(about.st_mode)) {
    Fill({ReadSingle(top.get(), about, limits, cache)}, limits, &fact);
  } else if (!S_ISDIR(about.st_mode)) {
    fact.set_error(absl::StrCat(fact.root(), " is neither a file nor a directory"));
  } else if (TreeListing listing = WalkTree(top.get(), limits, cache); !listing.error.empty()) {
    fact.set_error(absl::StrCat(fact.root(), ": ", listing.error));
  } else {
    ReadUnread(top.get(), limits, cache, &listing.files);
    Fill(listing.files, limits, &fact);
  }
  return fact;
}

}  // namespace jettyfleet
