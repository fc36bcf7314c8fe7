// `jettyfleet-coordinator restore-backup`, which `jettyfleet restore-backup` runs.
#ifndef JETTYFLEET_COORDINATOR_BACKUP_RESTORE_COMMAND_H_
#define JETTYFLEET_COORDINATOR_BACKUP_RESTORE_COMMAND_H_

#include <functional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "common/clock.h"

namespace jettyfleet {

struct RestoreCommand {
  std::string backup;
  std::string state_directory;
  // OK: the coordinator's unit does not run.
  std::function<absl::Status()> unit_stopped;
};

// The program's exit status: 0 done, 1 not, and nothing was changed. What was done goes to `out`, an error as one line
// to `err`.
int RunRestoreCommand(const RestoreCommand& command, const Clock& clock, std::ostream& out, std::ostream& err);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_BACKUP_RESTORE_COMMAND_H_
