// When an operation's visits came to each step, for showing traffic beside them.
#ifndef JETTYFLEET_COORDINATOR_HISTORY_STEP_MARKS_H_
#define JETTYFLEET_COORDINATOR_HISTORY_STEP_MARKS_H_

#include <vector>

#include "coordinator/rolling/operation.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Ascending by time. Pure.
std::vector<v1::StepMark> StepMarks(const Operation& operation);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_HISTORY_STEP_MARKS_H_
