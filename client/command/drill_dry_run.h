// `jettyfleet drill start --dry-run`.
#ifndef JETTYFLEET_CLIENT_COMMAND_DRILL_DRY_RUN_H_
#define JETTYFLEET_CLIENT_COMMAND_DRILL_DRY_RUN_H_

#include "client/exit_code.h"
#include "client/session.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Shows what a drill would do; nothing is changed. The exit code is 4 where the gate would refuse a node now.
ExitCode RunDrillDryRun(Session& session, const v1::DrillSpec& spec);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_DRILL_DRY_RUN_H_
