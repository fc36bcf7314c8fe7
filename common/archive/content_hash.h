// Digests of what is in open files.
#ifndef JETTYFLEET_COMMON_ARCHIVE_CONTENT_HASH_H_
#define JETTYFLEET_COMMON_ARCHIVE_CONTENT_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sha256.h"

namespace jettyfleet {

// 64 of 0-9 and a-f.
bool IsSha256Hex(absl::string_view text);

// Of `size` bytes of `fd` from its beginning; `name` stands for it in messages. DataLoss: it is shorter. Unavailable:
// it cannot be read. Does not move the descriptor's offset.
absl::StatusOr<Sha256> HashDescriptor(int fd, const std::string& name, uint64_t size);

// At most `limit` bytes of `fd` at `offset`; fewer only at its end. Unavailable, with one line, where it cannot be
// read.
absl::StatusOr<std::string> ReadAt(int fd, const std::string& name, uint64_t offset, std::size_t limit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_ARCHIVE_CONTENT_HASH_H_
