// What ends a running operation early, judged anew in every decision: the operator's word, the clients' budget, the
// cluster's health outside of what the operation does itself, a failed action, a step's deadline. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_JUDGE_STOP_H_
#define JETTYFLEET_COORDINATOR_ROLLING_JUDGE_STOP_H_

#include "coordinator/rolling/desk.h"

namespace jettyfleet {

// Writes a StopRequested on the desk when there is a reason. Only what is known to be wrong stops an operation at once;
// what is merely not known runs into the step's deadline. The gate has its own words and is not judged here.
void JudgeStop(Desk* desk);

// The operator's abort alone: it counts at any time.
void JudgeAbort(Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_JUDGE_STOP_H_
