// The content of archives on the coordinator's disk, each file named after its SHA-256.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_CONTENT_STORE_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_CONTENT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/archive/part_file.h"
#include "common/unique_fd.h"

namespace jettyfleet {

struct StoreLimits {
  uint64_t most_bytes = uint64_t{32} << 30;  // with what has arrived in part
  std::size_t most_contents = 500;
  // Of the file system, which the journal is on as well.
  uint64_t keep_free_bytes = uint64_t{1} << 30;
  // A push that has broken off is not gone on with after this.
  absl::Duration part_lifetime = absl::Hours(24);
};

// Bytes that may still be written on the file system of `path`.
using FreeBytes = std::function<absl::StatusOr<uint64_t>(const std::string& path)>;
absl::StatusOr<uint64_t> FreeBytesOf(const std::string& path);

// Owned by main; the archive thread's only. It knows digests and sizes and nothing of names. Whoever hands content out
// verifies it first: a file that is here was whole when it was published, and disks forget. Messages are one line;
// ResourceExhausted: no room, and what to do.
class ContentStore {
 public:
  // Makes `directory`, with content/ and incoming/ in it, where they are missing. FailedPrecondition or Unavailable
  // where they cannot be used.
  static absl::StatusOr<std::unique_ptr<ContentStore>> Open(const std::string& directory, StoreLimits limits = {},
                                                            FreeBytes free_bytes = FreeBytesOf,
                                                            WriteCall write = SystemWrite());

  // nullopt: it is not here.
  std::optional<uint64_t> SizeOf(const std::string& sha256) const;
  // The digest and size of everything that is here.
  const std::map<std::string, uint64_t>& contents() const { return contents_; }
  uint64_t stored_bytes() const;
  const StoreLimits& limits() const { return limits_; }

  // NotFound: it is not here.
  absl::StatusOr<UniqueFd> OpenContent(const std::string& sha256) const;
  // What a broken push has left of it, for reading; with its size.
  absl::StatusOr<std::pair<UniqueFd, uint64_t>> ReadPart(const std::string& sha256) const;

  // Whether one more content of `size` bytes has room, of which `present` are here.
  absl::Status CheckRoom(uint64_t size, uint64_t present) const;
  // Asked before every write: other pushes, and others than us, write too.
  absl::Status CheckFree(uint64_t more) const;

  // Aborted: another push is at it.
  absl::StatusOr<std::unique_ptr<PartFile>> OpenPart(const std::string& sha256) const;
  // `part` is whole and verified. Durable when it returns.
  absl::Status Publish(PartFile& part, const std::string& sha256);
  // Fetches under way keep what they have open.
  absl::Status Remove(const std::string& sha256);
  // Of pushes that broke off long ago; those under way are left alone.
  void RemoveOldParts(absl::Time now) const;

 private:
  ContentStore(std::string directory, StoreLimits limits, FreeBytes free_bytes, WriteCall write)
      : directory_(std::move(directory)),
        limits_(limits),
        free_bytes_(std::move(free_bytes)),
        write_(std::move(write)) {}

  absl::Status Load();
  std::string ContentPath(const std::string& sha256) const;
  std::string PartPath(const std::string& sha256) const;
  uint64_t PartBytes() const;

  const std::string directory_;
  const StoreLimits limits_;
  const FreeBytes free_bytes_;
  const WriteCall write_;
  std::map<std::string, uint64_t> contents_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_CONTENT_STORE_H_
