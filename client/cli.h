// The command line: what it may say, and which command it runs.
#ifndef JETTYFLEET_CLIENT_CLI_H_
#define JETTYFLEET_CLIENT_CLI_H_

#include <string>
#include <vector>

#include "client/console.h"

namespace jettyfleet {

// The surroundings that a command line is read in.
struct Environment {
  std::string home;         // $HOME, may be empty
  std::string coordinator;  // $JETTYFLEET_COORDINATOR, may be empty
};

// `arguments` without the program's name. Returns the exit code (client/exit_code.h).
int RunClient(const std::vector<std::string>& arguments, const Environment& environment, const Console& console);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_CLI_H_
