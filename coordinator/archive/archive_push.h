// One push on its way: where it stands, and what it may still bring.
#ifndef JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_PUSH_H_
#define JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_PUSH_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/archive/part_file.h"
#include "coordinator/archive/content_store.h"
#include "proto/archive.pb.h"

namespace jettyfleet {

// Made by the ArchiveDesk, owned by the stream that brings it; the archive thread's only. What has arrived stays on
// disk when it ends early, and the next push goes on from there.
class ArchivePush {
 public:
  // `part` is null where all of the content is stored already. `store` outlives it.
  ArchivePush(ContentStore& store, v1::ArchiveEntry entry, std::unique_ptr<PartFile> part)
      : store_(store), entry_(std::move(entry)), part_(std::move(part)) {}

  // The next bytes. InvalidArgument: more than was announced, or than a message may hold. ResourceExhausted: no room;
  // what had arrived is removed then, because the disk needs it more.
  absl::Status Write(absl::string_view data);

  const v1::ArchiveEntry& entry() const { return entry_; }
  PartFile* part() { return part_.get(); }
  uint64_t moved_bytes() const { return moved_bytes_; }

 private:
  ContentStore& store_;
  const v1::ArchiveEntry entry_;
  const std::unique_ptr<PartFile> part_;
  uint64_t moved_bytes_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ARCHIVE_ARCHIVE_PUSH_H_
