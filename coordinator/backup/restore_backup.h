// Puts a backup in the place of the coordinator's journal.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_RESTORE_BACKUP_H_
#define JETTYFLEET_COORDINATOR_BACKUP_RESTORE_BACKUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"

namespace jettyfleet {

// Agents obey no epoch that is older than one they have seen, and a backup does not know how often the coordinator was
// started after it: so far the epoch is set ahead of the backup's and of the replaced journal's.
inline constexpr uint64_t kEpochsAhead = 1000;

struct RestoredBackup {
  uint64_t last_sequence = 0;  // of the backup
  uint64_t epoch = 0;
  std::string kept_as;             // the journal of before; empty: there was none
  std::vector<std::string> ended;  // operations that ran when the backup was made
};

// For a coordinator that does not run. Everything is checked on a copy beside the journal (integrity, format, every
// record's checksum) before that takes its place; on an error the journal is as it was. Drills that ran when the backup
// was made are told to stop, so that the coordinator only gives back what is in force, and applies have ended: nobody
// asked for them now.
//
// `state_directory` is made where it is missing. Errors are one line: FailedPrecondition and DataLoss as in
// InspectJournalFile, FailedPrecondition also when a coordinator uses the journal; NotFound, PermissionDenied,
// ResourceExhausted and Unavailable are the system's.
absl::StatusOr<RestoredBackup> RestoreBackup(const std::string& backup, const std::string& state_directory,
                                             const Clock& clock);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_RESTORE_BACKUP_H_
