// Commands about a cluster's description: plan and apply.
#ifndef JETTYFLEET_CLIENT_COMMAND_PLAN_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_PLAN_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

struct ApplyArguments {
  std::string file;  // "-" is standard input
  std::string why;
  bool allow_disruption = false;
};

// Both read `file` and check it here; usage errors name file, line and key.

// Yes: nothing is to be changed. No: something is, and it is shown. Refused: apply would not do it.
ExitCode RunPlan(Session& session, const std::string& file);
// Shows each step, until every instance is ready.
ExitCode RunApply(Session& session, const ApplyArguments& arguments);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_PLAN_COMMANDS_H_
