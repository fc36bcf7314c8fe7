// A run's history as text that a person can read, for golden tests and for looking at a seed that failed.
#ifndef JETTYFLEET_TESTS_SIMULATION_TRANSCRIPT_H_
#define JETTYFLEET_TESTS_SIMULATION_TRANSCRIPT_H_

#include <string>

#include "tests/simulation/history.h"

namespace jettyfleet {

// One line an event: seconds since `start`, what it was.
std::string Transcript(const History& history, absl::Time start);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_TRANSCRIPT_H_
