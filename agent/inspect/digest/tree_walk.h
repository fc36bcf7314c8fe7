// What there is below a directory.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_WALK_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_WALK_H_

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/inspect/digest/digest_cache.h"

namespace jettyfleet {

struct TreeLimits {
  std::size_t most_files = 200'000;        // directories among them
  std::size_t most_name_bytes = 64 << 20;  // of all paths
  std::size_t most_listed = 2'000;
  int deepest = 64;
  absl::Time until = absl::InfiniteFuture();
  int threads = 2;
};

// A regular file, a symbolic link, or what cannot be digested.
struct FoundFile {
  void SetAbout(const struct stat& about);

  std::string path;  // relative to the root, as it is on disk; empty for the root itself
  uint64_t size = 0;
  absl::Time modified = absl::InfinitePast();
  std::string sha256;  // empty: `unread`, or `error` says why
  std::string error;
  bool unread = false;  // a regular file that the cache does not know
};

struct TreeListing {
  // In the order of names, directory by directory.
  std::vector<FoundFile> files;
  // Not empty: past a limit, or a directory could not be listed to its end; nothing may be concluded from `files`.
  std::string error;
};

// Below the directory `root`, an open descriptor. No symbolic link is followed; its digest is that of its text. What is
// gone between being listed and being looked at is left out.
TreeListing WalkTree(int root, const TreeLimits& limits, DigestCache* cache);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_WALK_H_
