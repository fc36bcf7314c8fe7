// Digests of files that have not changed since they were read, kept from one inspection to the next.
#ifndef JETTYFLEET_AGENT_INSPECT_DIGEST_DIGEST_CACHE_H_
#define JETTYFLEET_AGENT_INSPECT_DIGEST_DIGEST_CACHE_H_

#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace jettyfleet {

// Owned by one inspection; Find and Keep from any thread. A cache and no record: one that is damaged, or of another
// version, is an empty one, and nothing is synced to disk.
class DigestCache {
 public:
  // What makes a file the same file with the same content, as far as its inode tells.
  struct Key {
    uint64_t device, inode, size, mtime_ns, ctime_ns;
    bool operator==(const Key& other) const {
      return device == other.device && inode == other.inode && size == other.size && mtime_ns == other.mtime_ns &&
             ctime_ns == other.ctime_ns;
    }
  };
  static Key KeyOf(const struct stat& file);

  static constexpr std::size_t kMostEntries = 400'000;

  // Reads `path`; with `rehash` finds nothing of what is in there. What was read more than 7 days before `now` is not
  // believed any more, and some of it earlier, so that not all has to be read again on one day: a disk that lies is found
  // out. Holds `most_entries` and keeps no others.
  DigestCache(std::string path, bool rehash, absl::Time now, std::size_t most_entries = kMostEntries);

  std::optional<std::string> Find(const Key& key);
  // For a digest that was read when the file was as `key` says. One that was changed less than 2 s before `read_at` is
  // not kept: it may be changed again without its times telling.
  void Keep(const Key& key, const std::string& sha256, absl::Time read_at);
  // Writes what was found or kept since it was read, if that is other than what the file has; the rest is forgotten.
  // Readers see all of it or all of what was before. OK and nothing written where another inspection is just saving its
  // own: whoever loses costs time, nothing else.
  absl::Status Save();

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    std::array<char, 32> sha256;
    int64_t read_at = 0;  // seconds since 1970
    bool used = false;
  };

  void Read(bool rehash, absl::Time now);

  const std::string path_;
  const std::size_t most_entries_;
  std::mutex mutex_;
  std::unordered_map<Key, Entry, Hash> entries_;
  bool changed_ = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_DIGEST_DIGEST_CACHE_H_
