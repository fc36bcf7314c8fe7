// The fleet store in the journal's SQLite file.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_FLEET_STORE_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_FLEET_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "coordinator/journal/fleet_store.h"
#include "coordinator/journal/sqlite_database.h"

namespace jettyfleet {

// Owned by SqliteJournal, as is `database`. `clock` dates answers; one that was set back keeps them longer, and the
// bound on their number holds all the same.
class SqliteFleetStore final : public FleetStore {
 public:
  SqliteFleetStore(SqliteDatabase& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<std::string> CoordinatorUuid() override;
  absl::StatusOr<uint64_t> NextEpoch() override;
  absl::Status StoreDescription(const v1::ClusterDescription& description) override;
  absl::StatusOr<std::vector<v1::ClusterDescription>> Descriptions() override;
  absl::Status RememberAnswer(const std::string& key, const std::string& answer) override;
  absl::StatusOr<std::optional<std::string>> FindAnswer(const std::string& key) override;

 private:
  absl::Status EnsureIdentity();

  SqliteDatabase& database_;
  const Clock& clock_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_SQLITE_FLEET_STORE_H_
