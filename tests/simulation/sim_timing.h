// The simulated cluster's durations, as measured on a real one, and the sides that a partition can make of it.
#ifndef JETTYFLEET_TESTS_SIMULATION_SIM_TIMING_H_
#define JETTYFLEET_TESTS_SIMULATION_SIM_TIMING_H_

#include <array>

#include "absl/time/time.h"

namespace jettyfleet {

inline constexpr absl::Duration kSimDetect = absl::Seconds(2);  // Corosync notices a lost node
inline constexpr absl::Duration kSimStopTime = absl::Milliseconds(250);
inline constexpr absl::Duration kSimStopTimeout = absl::Seconds(90);  // systemd's SIGKILL
inline constexpr absl::Duration kSimMonitorInterval = absl::Seconds(10);

// Nodes on different sides do not hear each other. Nobody's hand and ours can cut off one node each.
inline constexpr int kSimMainSide = 0;
inline constexpr int kSimCutSide = 1;
inline constexpr int kSimFaultSide = 2;
inline constexpr std::array<int, 3> kSimSides = {kSimMainSide, kSimCutSide, kSimFaultSide};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_SIMULATION_SIM_TIMING_H_
