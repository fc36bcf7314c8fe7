#include "coordinator/journal/record_payload.h"

#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "coordinator/journal/journal.h"

namespace jettyfleet {

int64_t PayloadChecksum(absl::string_view payload) {
  const auto* const bytes = reinterpret_cast<const Bytef*>(payload.data());
  return static_cast<int64_t>(crc32(0, bytes, static_cast<uInt>(payload.size())));
}

absl::StatusOr<v1::JournalRecord> DecodePayload(int64_t sequence, int64_t checksum, absl::string_view payload) {
  v1::JournalRecord record;
  if (PayloadChecksum(payload) != checksum ||
      !record.ParseFromArray(payload.data(), static_cast<int>(payload.size())) ||
      record.sequence() != static_cast<uint64_t>(sequence)) {
    return absl::DataLossError("is damaged: keep a copy of it, then put back a backup or move it away");
  }
  if (record.schema() > kJournalSchema) {
    return absl::DataLossError(absl::StrCat("has schema ", record.schema(),
                                            ", written by a newer jettyfleet; this one knows ", kJournalSchema,
                                            ": run the newer one"));
  }
  return record;
}

}  // namespace jettyfleet
