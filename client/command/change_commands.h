// Commands that give back what is in force: restore.
#ifndef JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

// Yes only when everything of ours that was in force has been undone.
ExitCode RunRestore(Session& session, const std::string& cluster, const std::string& why);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_
