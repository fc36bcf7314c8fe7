// `jettyfleet drill ...`.
#ifndef JETTYFLEET_CLIENT_COMMAND_DRILL_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_DRILL_COMMANDS_H_

#include <string>

#include "client/command/watch_operation.h"
#include "client/exit_code.h"
#include "client/session.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Starts it and, unless `detach`, watches it to its end.
ExitCode RunDrillStart(Session& session, const v1::DrillSpec& spec, bool detach);
ExitCode RunDrillWatch(Session& session, const WatchArguments& arguments);
ExitCode RunDrillList(Session& session, const std::string& cluster);
// An empty id: the newest. `with_seconds`: also its traffic second by second.
ExitCode RunDrillShow(Session& session, const std::string& cluster, const std::string& id, bool with_seconds);
// The exit code is that of the drill's result.
ExitCode RunDrillReport(Session& session, const std::string& cluster, const std::string& id);
// `noun` is what it is called: drill or rollout.
ExitCode RunDrillAbort(Session& session, const std::string& cluster, const std::string& id, const std::string& why,
                       const std::string& noun);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_DRILL_COMMANDS_H_
