// The digest of one file after the other.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_FILE_DIGEST_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_FILE_DIGEST_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/inspect/digest/digest_cache.h"
#include "agent/inspect/digest/quiet_file.h"
#include "agent/inspect/digest/tree_walk.h"
#include "common/sha256.h"

namespace jettyfleet {

// One thread's reader of files below `root`, an open directory that is not owned, as is the cache. Sets of each file
// its size, its time and either sha256 or error. A file that changes while it is read is read again, three times at
// most. Past the deadline files are left as they are, and say so.
class FileDigest {
 public:
  FileDigest(int root, absl::Time deadline, DigestCache* cache);

  // Opens it by its path, step by step, so that no symbolic link is followed that came after the walk.
  void Read(FoundFile* file);
  // The same of an open file; its position does not move.
  void ReadOpen(int fd, FoundFile* file);

 private:
  int EnterDirectory(absl::string_view path);
  int ReadOnce(int fd, uint64_t size);
  int ReadHere(int fd);
  int ReadBeside(int fd);

  const int root_;
  const absl::Time deadline_;
  DigestCache* const cache_;
  const std::unique_ptr<char[]> block_;
  Sha256 sha256_;
  // Of the file before: the next one is mostly its neighbour. Closed where that is the root.
  QuietFile directory_;
  std::string directory_path_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_FILE_DIGEST_H_
