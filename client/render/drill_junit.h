// A drill for the machinery that reads test results.
#ifndef JETTYFLEET_CLIENT_RENDER_DRILL_JUNIT_H_
#define JETTYFLEET_CLIENT_RENDER_DRILL_JUNIT_H_

#include <string>

#include "absl/time/time.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// JUnit's XML, one test case for each node and one, "end and budget", for the whole. What is not known, of a drill that
// still runs, is an error; a node that a drill which stopped did not come to is skipped, and so is a budget that
// no traffic was sent for. What was measured are properties, seconds and milliseconds by their names. Pure; `now` is
// for a drill that still runs.
std::string RenderDrillJunit(const v1::OperationReport& report, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_DRILL_JUNIT_H_
