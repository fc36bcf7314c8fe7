// The options of `jettyfleet rollout plan` and `start`.
#ifndef JETTYFLEET_CLIENT_ROLLOUT_OPTIONS_H_
#define JETTYFLEET_CLIENT_ROLLOUT_OPTIONS_H_

#include <CLI/App.hpp>

#include "proto/operation.pb.h"

namespace jettyfleet {

// What is rolled out and how, and the visits' own options; not the cluster and the reason. `spec` is borrowed, outlives
// `command`, and is a rollout's from now on.
void AddRolloutOptions(CLI::App& command, v1::DrillSpec* spec);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_ROLLOUT_OPTIONS_H_
