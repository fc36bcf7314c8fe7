// Commands about a cluster's description: plan, apply, describe.
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

// Plan and apply read `file` and check it here; usage errors name file, line and key.

// Yes: nothing is to be changed. No: something is, and it is shown. Refused: apply would not do it.
ExitCode RunPlan(Session& session, const std::string& file);
// Shows each step, until every instance is ready.
ExitCode RunApply(Session& session, const ApplyArguments& arguments);

// Prints a description of what the cluster has, made by hand or not, whose plan is empty.
ExitCode RunDescribe(Session& session, const std::string& cluster);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_PLAN_COMMANDS_H_
