// The history store in the journal's SQLite file.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_HISTORY_STORE_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_HISTORY_STORE_H_

#include <string>
#include <vector>

#include "coordinator/journal/history_store.h"
#include "coordinator/journal/sqlite_database.h"

namespace jettyfleet {

// Owned by SqliteJournal, as is `database`.
class SqliteHistoryStore final : public HistoryStore {
 public:
  explicit SqliteHistoryStore(SqliteDatabase& database) : database_(database) {}

  absl::Status StoreSeconds(const std::string& operation_id, const std::vector<v1::TrafficSecond>& seconds) override;
  absl::StatusOr<std::vector<v1::TrafficSecond>> FindSeconds(const std::string& operation_id) override;
  absl::StatusOr<std::vector<KeptOperation>> Operations() override;
  absl::Status Remove(const std::vector<std::string>& operation_ids) override;

 private:
  absl::Status RemoveOne(const std::string& operation_id);

  SqliteDatabase& database_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_HISTORY_STORE_H_
