// `jettyfleet drill start --scenario all`, drills one after the other, and `jettyfleet drill scenarios`.
#ifndef JETTYFLEET_CLIENT_COMMAND_DRILL_SERIES_H_
#define JETTYFLEET_CLIENT_COMMAND_DRILL_SERIES_H_

#include "client/console.h"
#include "client/exit_code.h"
#include "client/session.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Runs every scenario that `spec` gives consent to, with all else as `spec` says, each a drill with a record of its
// own; ends with the first that does not pass, and lists what was not run, and why. The drill that is under way goes on
// without this program; the ones after it do not begin. The exit code is that of the first that did not pass.
ExitCode RunDrillSeries(Session& session, const v1::DrillSpec& spec);

// Of each of them what it would do; nothing is changed. The exit code is that of the first whose gate is not open.
ExitCode RunDrySeries(Session& session, const v1::DrillSpec& spec);

// Prints what drills there are; needs no coordinator.
ExitCode RunDrillScenarios(const Console& console, bool json);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_DRILL_SERIES_H_
