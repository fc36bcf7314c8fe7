// Hashes long files without holding up the thread that they are hashed on.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_SLICE_HASH_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_SLICE_HASH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/core/core_loop.h"

namespace jettyfleet {

// SHA-256 of the first `size` bytes of `fd`, a few mebibytes for each turn of `loop`. `owner` keeps `fd` open; `name`
// stands for it in messages. `done` is called once on the loop, never from inside this call: with the digest, or as
// HashDescriptor's errors.
void HashInSlices(CoreLoop& loop, std::shared_ptr<const void> owner, int fd, std::string name, uint64_t size,
                  std::function<void(absl::StatusOr<std::string>)> done);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_SLICE_HASH_H_
