// Commands that change a cluster outside of drills: apply and restore.
#ifndef JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

// Reads `file` ("-" is standard input), checks it here, and has it carried out. Usage errors name file, line and key.
ExitCode RunApply(Session& session, const std::string& file, const std::string& why);

// Yes only when everything of ours that was in force has been undone.
ExitCode RunRestore(Session& session, const std::string& cluster, const std::string& why);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_
