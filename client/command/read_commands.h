// Commands that ask once and print the answer: status, discover, verify.
#ifndef JETTYFLEET_CLIENT_COMMAND_READ_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_READ_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

// Yes only when every cluster (or the named one) is healthy, and there is one.
ExitCode RunStatus(Session& session, const std::string& cluster);
ExitCode RunDiscover(Session& session, const std::string& cluster);
// Yes only when everything is as described.
ExitCode RunVerify(Session& session, const std::string& cluster);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_READ_COMMANDS_H_
