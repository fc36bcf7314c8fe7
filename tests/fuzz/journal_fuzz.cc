// Records of the coordinator's journal: what its database holds when the checksum fits, and when it does not.
#include <cstdint>
#include <string>

#include "coordinator/journal/journal.h"
#include "coordinator/journal/record_payload.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/text_or_wire.h"

namespace jettyfleet {
namespace {

void CheckPayload(const std::string& payload) {
  const int64_t checksum = PayloadChecksum(payload);
  Demand(!DecodePayload(1, checksum + 1, payload).ok(), "what does not fit its checksum is damaged");
  v1::JournalRecord parsed;
  const int64_t sequence = parsed.ParseFromString(payload) ? static_cast<int64_t>(parsed.sequence()) : 1;
  const absl::StatusOr<v1::JournalRecord> record = DecodePayload(sequence, checksum, payload);
  if (!record.ok()) return Demand(absl::IsDataLoss(record.status()), "what is damaged is DataLoss");
  Demand(record->schema() <= kJournalSchema, "what a newer version wrote is not believed");
  Demand(!DecodePayload(sequence ^ 1, checksum, payload).ok(), "a record under another's number is damaged");
  const std::string written = record->SerializeAsString();
  const absl::StatusOr<v1::JournalRecord> again = DecodePayload(sequence, PayloadChecksum(written), written);
  Demand(again.ok() && again->SerializeAsString() == written, "what is written is read back the same");
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  jettyfleet::CheckPayload(std::string(reinterpret_cast<const char*>(data), size));
  jettyfleet::v1::JournalRecord record;
  if (jettyfleet::ReadTextOrWire(data, size, &record)) jettyfleet::CheckPayload(record.SerializeAsString());
  return 0;
}
