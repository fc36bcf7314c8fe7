// Commands that give back what is in force: restore, takeover.
#ifndef JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

// Yes only when everything of ours that was in force has been undone. `take_over`: another coordinator's lock, too.
ExitCode RunRestore(Session& session, const std::string& cluster, const std::string& why, bool take_over);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_CHANGE_COMMANDS_H_
