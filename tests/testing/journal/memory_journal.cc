#include "tests/testing/journal/memory_journal.h"

namespace jettyfleet {

absl::Status MemoryJournal::Append(std::vector<v1::JournalRecord>* records, RecordUse use) {
  if (room_ == Room::kNone || (room_ == Room::kOnlyReserve && use == RecordUse::kOrdinary)) {
    return absl::ResourceExhaustedError("the disk is full");
  }
  if (before_append_) {
    const absl::Status status = before_append_();
    if (!status.ok()) return status;
  }
  for (v1::JournalRecord& record : *records) {
    record.set_schema(kJournalSchema);
    record.set_sequence(records_.size() + 1);
    records_.push_back(record);
  }
  if (after_append_) after_append_(*records);
  return absl::OkStatus();
}

absl::Status MemoryJournal::Read(uint64_t after, const std::function<bool(const v1::JournalRecord&)>& visit) const {
  for (const v1::JournalRecord& record : records_) {
    if (record.sequence() > after && !visit(record)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryJournal::ReadOperation(const std::string& operation_id,
                                          const std::function<bool(const v1::JournalRecord&)>& visit) const {
  return Read(0,
              [&](const v1::JournalRecord& record) { return record.operation_id() != operation_id || visit(record); });
}

std::vector<v1::JournalRecord> MemoryJournal::RecordsOf(const std::string& operation_id) const {
  std::vector<v1::JournalRecord> found;
  for (const v1::JournalRecord& record : records_) {
    if (record.operation_id() == operation_id) found.push_back(record);
  }
  return found;
}

}  // namespace jettyfleet
