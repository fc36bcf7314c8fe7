// The journal in a SQLite file: what one coordinator needs, without a server.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_JOURNAL_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_JOURNAL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "coordinator/journal/fleet_store.h"
#include "coordinator/journal/journal.h"
#include "coordinator/journal/sqlite_database.h"
#include "coordinator/journal/sqlite_fleet_store.h"
#include "coordinator/journal/sqlite_history_store.h"

namespace jettyfleet {

inline constexpr std::size_t kLargestRecordBytes = 256 << 10;

// Owned by main. Core thread only (main's before that thread starts). Records are never changed; those of
// whole operations are removed by the history store alone.
class SqliteJournal final : public Journal {
 public:
  // `directory` holds the file; both are made where they are missing. Any error is one line for whoever started the
  // coordinator: what is wrong, where, what to do. `clock` outlives the journal.
  static absl::StatusOr<std::unique_ptr<SqliteJournal>> Open(const std::string& directory,
                                                             const Clock& clock = SystemClock());

  // Also InvalidArgument: a record without a kind, or larger than kLargestRecordBytes.
  absl::Status Append(std::vector<v1::JournalRecord>* records, RecordUse use) override;
  // `visit` may append; what it appends is not visited.
  absl::Status Read(uint64_t after, const std::function<bool(const v1::JournalRecord&)>& visit) const override;
  // InvalidArgument: the id is empty.
  absl::Status ReadOperation(const std::string& operation_id,
                             const std::function<bool(const v1::JournalRecord&)>& visit) const override;
  uint64_t LastSequence() const override { return last_sequence_; }

  // In the same file; they live as long as the journal.
  FleetStore& fleet_store() { return store_; }
  HistoryStore& history_store() { return history_; }
  SqliteDatabase& database() { return *database_; }

 private:
  SqliteJournal(std::unique_ptr<SqliteDatabase> database, uint64_t last_sequence, const Clock& clock)
      : database_(std::move(database)), store_(*database_, clock), history_(*database_), last_sequence_(last_sequence) {}

  absl::Status Insert(const v1::JournalRecord& record) const;
  absl::Status Visit(SqliteStatement& select, const std::function<bool(const v1::JournalRecord&)>& visit) const;

  const std::unique_ptr<SqliteDatabase> database_;
  SqliteFleetStore store_;
  SqliteHistoryStore history_;
  uint64_t last_sequence_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_JOURNAL_H_
