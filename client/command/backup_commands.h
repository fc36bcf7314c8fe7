// `jettyfleet backup` and `jettyfleet restore-backup`.
#ifndef JETTYFLEET_CLIENT_COMMAND_BACKUP_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_BACKUP_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

// Takes a copy of the coordinator's journal to `file`, mode 0600, which must not be there yet. It gets its name when
// all of it is on the disk and is what the coordinator has checked; until then it is FILE.partial.
ExitCode RunBackup(Session& session, const std::string& file);

// On the coordinator's host, which needs no running coordinator. The work is the coordinator's program's, which knows
// the journal: `program`, found beside this one. `state_directory` empty: as in the coordinator's settings.
ExitCode RunRestoreBackup(const Console& console, const std::string& program, const std::string& file,
                          const std::string& state_directory);

// Where the coordinator's program is: in the folder of this one.
std::string CoordinatorProgram();

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_BACKUP_COMMANDS_H_
