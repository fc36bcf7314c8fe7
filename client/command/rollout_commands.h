// `jettyfleet rollout ...`.
#ifndef JETTYFLEET_CLIENT_COMMAND_ROLLOUT_COMMANDS_H_
#define JETTYFLEET_CLIENT_COMMAND_ROLLOUT_COMMANDS_H_

#include <string>

#include "client/exit_code.h"
#include "client/session.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

ExitCode RunRolloutPlan(Session& session, const v1::DrillSpec& spec);
// Starts it and, unless `detach`, watches it to its end.
ExitCode RunRolloutStart(Session& session, const v1::DrillSpec& spec, bool detach);
ExitCode RunRolloutList(Session& session, const std::string& cluster);
ExitCode RunRolloutHistory(Session& session, const std::string& cluster);
// With an empty id: the newest rollout, whatever else has run since.
ExitCode RunRolloutShow(Session& session, const std::string& cluster, const std::string& id, bool with_seconds);
ExitCode RunRolloutWatch(Session& session, const std::string& cluster, const std::string& id);
ExitCode RunRolloutAbort(Session& session, const std::string& cluster, const std::string& id, const std::string& why);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_ROLLOUT_COMMANDS_H_
