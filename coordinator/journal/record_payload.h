// One record of the journal as bytes in its file, and back. Pure.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_RECORD_PAYLOAD_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_RECORD_PAYLOAD_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/journal.pb.h"

namespace jettyfleet {

// SQLite guards its log with checksums, and its main file with none.
int64_t PayloadChecksum(absl::string_view payload);

// What stands in a row of `records`. DataLoss, as the rest of a sentence that begins with which record it is: damaged,
// or written by a newer jettyfleet; and what to do.
absl::StatusOr<v1::JournalRecord> DecodePayload(int64_t sequence, int64_t checksum, absl::string_view payload);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_RECORD_PAYLOAD_H_
