// What a file, or a directory with all below it, holds: one digest for each file and one over all.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_DIGEST_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_DIGEST_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "agent/inspect/digest/digest_cache.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

struct TreeLimits {
  std::size_t most_files = 200'000;
  std::size_t most_listed = 2'000;
  int deepest = 64;
  absl::Duration longest = absl::Seconds(30);
  int threads = 2;
};

// A symbolic link counts by its text and is not followed, but for `root` itself; what is neither file, directory nor
// link is named in an error of its own and not opened. A file that changes while it is read is read again, three times
// at most. Access times are left alone where the reader may. Past a limit the tree's `error` says which, and its digest
// is empty. Blocks; any thread.
v1::TreeFact DigestTree(const std::string& root, DigestCache* cache, const TreeLimits& limits = TreeLimits());

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_TREE_DIGEST_H_
