#include "coordinator/archive/archive_push.h"

#include "absl/strings/str_cat.h"
#include "common/archive/archive_name.h"
#include "common/log.h"

namespace jettyfleet {

absl::Status ArchivePush::Write(absl::string_view data) {
  if (data.size() > kArchiveChunkBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a chunk of ", data.size(), " bytes; at most ", kArchiveChunkBytes));
  }
  const uint64_t present = part_ == nullptr ? entry_.size() : part_->size();
  if (data.size() > entry_.size() - present) {
    return absl::InvalidArgumentError(absl::StrCat("more content than the ", entry_.size(), " bytes announced"));
  }
  absl::Status written = store_.CheckFree(data.size());
  if (written.ok()) written = part_->Append(data);
  if (absl::IsResourceExhausted(written)) {
    if (const absl::Status discarded = part_->Discard(); !discarded.ok()) LogError(discarded.message());
  }
  if (written.ok()) moved_bytes_ += data.size();
  return written;
}

}  // namespace jettyfleet
