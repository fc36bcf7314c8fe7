// Puts a backup in the place of the coordinator's journal.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_RESTORE_BACKUP_H_
#define JETTYFLEET_COORDINATOR_BACKUP_RESTORE_BACKUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"

namespace jettyfleet {

struct RestoredBackup {
  uint64_t last_sequence = 0;  // of the backup
  std::string kept_as;             // the journal of before; empty: there was none
  std::vector<std::string> ended;  // operations that ran when the backup was made
};

// For a coordinator that does not run. Everything is checked on a copy beside the journal (integrity, format, every
// record's checksum) before that takes its place; on an error the journal is as it was. Drills that ran when the backup
// was made are told to stop, so that the coordinator only gives back what is in force, and applies have ended: nobody
// asked for them now. The epoch is the newer one of both journals; the next start makes it newer still (fleet_store.h).
//
// `state_directory` is made where it is missing. Errors are one line: FailedPrecondition and DataLoss as in
// InspectJournalFile, FailedPrecondition also when a coordinator uses the journal; NotFound, PermissionDenied,
// ResourceExhausted and Unavailable are the system's.
absl::StatusOr<RestoredBackup> RestoreBackup(const std::string& backup, const std::string& state_directory,
                                             const Clock& clock);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_RESTORE_BACKUP_H_
