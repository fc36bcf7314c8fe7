#include "coordinator/journal/sqlite_history_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/journal/record_payload.h"

namespace jettyfleet {
namespace {

// The inner part reads the index alone; of each operation two rows are then looked at.
constexpr char kOperations[] = R"sql(
SELECT ends.operation_id, first.cluster, first.kind, last.kind, last.at_us, ends.last
FROM (SELECT operation_id, min(sequence) AS first, max(sequence) AS last
      FROM records WHERE operation_id <> '' GROUP BY operation_id) AS ends
JOIN records AS first ON first.sequence = ends.first
JOIN records AS last ON last.sequence = ends.last
ORDER BY ends.last
)sql";

// Drills and rollouts begin alike; their ids tell them apart (coordinator/server/operation_desk).
KeptOperation::Kind KindOf(absl::string_view id, absl::string_view first_record) {
  if (first_record == "operation_began") {
    return absl::StartsWith(id, "ro-") ? KeptOperation::Kind::kRollout : KeptOperation::Kind::kDrill;
  }
  if (first_record == "apply_began") return KeptOperation::Kind::kApply;
  if (first_record == "route_began") return KeptOperation::Kind::kRoute;
  return KeptOperation::Kind::kAct;
}

bool IsEnd(absl::string_view last_record) {
  return last_record == "operation_ended" || last_record == "apply_ended" || last_record == "route_ended";
}

}  // namespace

absl::Status SqliteHistoryStore::StoreSeconds(const std::string& operation_id,
                                              const std::vector<v1::TrafficSecond>& seconds) {
  if (operation_id.empty()) return absl::InvalidArgumentError("the operation's id is empty");
  v1::TrafficSeconds all;
  *all.mutable_rows() = {seconds.begin(), seconds.end()};
  const std::string payload = all.SerializeAsString();
  if (payload.size() > kLargestSecondsBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the traffic of operation ", operation_id, " second by second has ",
                                                   payload.size(), " bytes; ", kLargestSecondsBytes, " are the limit"));
  }
  return database_.Write(RecordUse::kOrdinary, [&] {
    auto replace = database_.Prepare("INSERT OR REPLACE INTO seconds (operation_id, crc32, payload) VALUES (?, ?, ?)");
    if (!replace.ok()) return replace.status();
    replace->BindText(1, operation_id);
    replace->BindInt(2, PayloadChecksum(payload));
    replace->BindBlob(3, payload);
    return replace->Step().status();
  });
}

absl::StatusOr<std::vector<v1::TrafficSecond>> SqliteHistoryStore::FindSeconds(const std::string& operation_id) {
  auto select = database_.Prepare("SELECT crc32, payload FROM seconds WHERE operation_id = ?");
  if (!select.ok()) return select.status();
  select->BindText(1, operation_id);
  const absl::StatusOr<bool> row = select->Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::vector<v1::TrafficSecond>();
  const absl::string_view payload = select->Bytes(1);
  v1::TrafficSeconds all;
  if (PayloadChecksum(payload) != select->Int(0) ||
      !all.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError(absl::StrCat("journal ", database_.path(), ": the traffic of operation ", operation_id,
                                            " second by second is damaged: ask without it, or put back a backup"));
  }
  return std::vector<v1::TrafficSecond>(all.rows().begin(), all.rows().end());
}

absl::StatusOr<std::vector<KeptOperation>> SqliteHistoryStore::Operations() {
  auto select = database_.Prepare(kOperations);
  if (!select.ok()) return select.status();
  std::vector<KeptOperation> operations;
  for (;;) {
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) return operations;
    KeptOperation& operation = operations.emplace_back();
    operation.id = std::string(select->Bytes(0));
    operation.cluster = std::string(select->Bytes(1));
    operation.kind = KindOf(select->Bytes(0), select->Bytes(2));
    operation.ended = operation.kind == KeptOperation::Kind::kAct || IsEnd(select->Bytes(3));
    operation.last_at = absl::FromUnixMicros(select->Int(4));
    operation.last_sequence = static_cast<uint64_t>(select->Int(5));
  }
}

absl::Status SqliteHistoryStore::RemoveOne(const std::string& operation_id) {
  auto records = database_.Prepare("DELETE FROM records WHERE operation_id = ? AND operation_id <> ''");
  if (!records.ok()) return records.status();
  records->BindText(1, operation_id);
  if (const absl::StatusOr<bool> done = records->Step(); !done.ok()) return done.status();
  auto seconds = database_.Prepare("DELETE FROM seconds WHERE operation_id = ?");
  if (!seconds.ok()) return seconds.status();
  seconds->BindText(1, operation_id);
  return seconds->Step().status();
}

absl::Status SqliteHistoryStore::Remove(const std::vector<std::string>& operation_ids) {
  // A removal needs room in the log like every write, and makes room afterwards.
  return database_.Write(RecordUse::kOrdinary, [&] {
    const absl::StatusOr<int64_t> last = database_.QueryInt("SELECT max(sequence) FROM records");
    if (!last.ok()) return last.status();
    for (const std::string& id : operation_ids) {
      if (absl::Status removed = RemoveOne(id); !removed.ok()) return removed;
    }
    const absl::StatusOr<int64_t> last_left = database_.QueryInt("SELECT max(sequence) FROM records");
    if (!last_left.ok()) return last_left.status();
    if (*last_left == *last) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat("journal ", database_.path(), ": record ", *last,
                                                      " is the last and stays, so nothing was removed"));
  });
}

}  // namespace jettyfleet
