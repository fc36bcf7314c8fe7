#include "coordinator/journal/sqlite_journal.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/journal/record_payload.h"

namespace jettyfleet {
namespace {

// The oneof's field ("step_entered"), whose name is for people who read the file; nullptr when none is set.
const google::protobuf::FieldDescriptor* Kind(const v1::JournalRecord& record) {
  return record.GetReflection()->GetOneofFieldDescriptor(record, record.GetDescriptor()->FindOneofByName("kind"));
}

absl::Status Number(uint64_t sequence, v1::JournalRecord* record) {
  record->set_schema(kJournalSchema);
  record->set_sequence(sequence);
  if (Kind(*record) == nullptr) return absl::InvalidArgumentError("a journal record has no kind");
  const std::size_t size = record->ByteSizeLong();
  if (size <= kLargestRecordBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a journal record of kind ", Kind(*record)->name(), " has ", size,
                                                 " bytes; ", kLargestRecordBytes, " are the limit"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteJournal>> SqliteJournal::Open(const std::string& directory, const Clock& clock) {
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> database = SqliteDatabase::Open(directory);
  if (!database.ok()) return database.status();
  const absl::StatusOr<int64_t> last = (*database)->QueryInt("SELECT max(sequence) FROM records");
  if (!last.ok()) return last.status();
  return std::unique_ptr<SqliteJournal>(new SqliteJournal(*std::move(database), static_cast<uint64_t>(*last), clock));
}

absl::Status SqliteJournal::Append(std::vector<v1::JournalRecord>* records, RecordUse use) {
  if (records->empty()) return absl::OkStatus();
  std::vector<v1::JournalRecord> numbered = *records;
  uint64_t sequence = last_sequence_;
  for (v1::JournalRecord& record : numbered) {
    if (absl::Status good = Number(++sequence, &record); !good.ok()) return good;
  }
  const absl::Status written = database_->Write(use, [&] {
    for (const v1::JournalRecord& record : numbered) {
      if (absl::Status inserted = Insert(record); !inserted.ok()) return inserted;
    }
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  last_sequence_ = sequence;
  *records = std::move(numbered);
  return absl::OkStatus();
}

absl::Status SqliteJournal::Insert(const v1::JournalRecord& record) const {
  auto insert = database_->Prepare(
      "INSERT INTO records (sequence, at_us, cluster, operation_id, kind, crc32, payload) VALUES (?, ?, ?, ?, ?, ?, "
      "?)");
  if (!insert.ok()) return insert.status();
  const std::string payload = record.SerializeAsString();
  insert->BindInt(1, static_cast<int64_t>(record.sequence()));
  insert->BindInt(2, absl::ToUnixMicros(FromProto(record.at())));
  insert->BindText(3, record.cluster());
  insert->BindText(4, record.operation_id());
  insert->BindText(5, Kind(record)->name());
  insert->BindInt(6, PayloadChecksum(payload));
  insert->BindBlob(7, payload);
  return insert->Step().status();
}

absl::Status SqliteJournal::Read(uint64_t after, const std::function<bool(const v1::JournalRecord&)>& visit) const {
  // Also keeps cursors from outside within SQLite's signed integers.
  if (after >= last_sequence_) return absl::OkStatus();
  auto select = database_->Prepare(
      "SELECT sequence, crc32, payload FROM records WHERE sequence > ? AND sequence <= ? ORDER BY sequence");
  if (!select.ok()) return select.status();
  select->BindInt(1, static_cast<int64_t>(after));
  select->BindInt(2, static_cast<int64_t>(last_sequence_));
  return Visit(*select, visit);
}

absl::Status SqliteJournal::ReadOperation(const std::string& operation_id,
                                          const std::function<bool(const v1::JournalRecord&)>& visit) const {
  if (operation_id.empty()) return absl::InvalidArgumentError("the operation's id is empty");
  // The second condition lets SQLite use the partial index.
  auto select = database_->Prepare(
      "SELECT sequence, crc32, payload FROM records WHERE operation_id = ? AND operation_id <> '' AND sequence <= ? "
      "ORDER BY sequence");
  if (!select.ok()) return select.status();
  select->BindText(1, operation_id);
  select->BindInt(2, static_cast<int64_t>(last_sequence_));
  return Visit(*select, visit);
}

absl::Status SqliteJournal::Visit(SqliteStatement& select,
                                  const std::function<bool(const v1::JournalRecord&)>& visit) const {
  for (;;) {
    const absl::StatusOr<bool> row = select.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    const int64_t sequence = select.Int(0);
    const absl::StatusOr<v1::JournalRecord> record = DecodePayload(sequence, select.Int(1), select.Bytes(2));
    if (!record.ok()) {
      return absl::Status(record.status().code(), absl::StrCat("journal ", database_->path(), ": record ", sequence,
                                                               " ", record.status().message()));
    }
    if (!visit(*record)) return absl::OkStatus();
  }
}

}  // namespace jettyfleet
