// The records of a rollout that ended, for what follows one.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROLLING_ENDED_ROLLOUT_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROLLING_ENDED_ROLLOUT_H_

#include <string>
#include <vector>

#include "proto/journal.pb.h"

namespace jettyfleet {

// What was rolled out, and what node-01 and node-02 had before.
inline constexpr char kRolledOut[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
inline constexpr char kBefore1[] = "1111111111111111111111111111111111111111111111111111111111111111";
inline constexpr char kBefore2[] = "2222222222222222222222222222222222222222222222222222222222222222";

// App 2 was put in place on node-01, then on node-02, where something went wrong; node-03 was not visited. It wants to
// be rolled back. The operation's name, and the records' times, are OperationFrom's to give.
std::vector<v1::JournalRecord> FailedRollout();

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROLLING_ENDED_ROLLOUT_H_
