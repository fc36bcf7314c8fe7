// Makes and checks the directory that the coordinator's state lives in, before SQLite touches it.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_STATE_DIRECTORY_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_STATE_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"

namespace jettyfleet {

// Makes `directory` (0700) where only its last part is missing, and an empty `directory`/`file` (0600) where there is
// none. Both must belong to the user that runs this; nobody else may write to the directory, nor read or write the
// file. NotFound, PermissionDenied, ResourceExhausted (disk full) or FailedPrecondition, in one line that begins with
// "journal PATH: " and says what to do.
absl::Status PrepareStateDirectory(const std::string& directory, const std::string& file);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_STATE_DIRECTORY_H_
