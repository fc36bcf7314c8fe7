// The options of `jettyfleet drill start`.
#ifndef JETTYFLEET_CLIENT_DRILL_OPTIONS_H_
#define JETTYFLEET_CLIENT_DRILL_OPTIONS_H_

#include <CLI/App.hpp>
#include <functional>

#include "absl/time/time.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// An option such as "10s" or "500ms".
void AddDurationOption(CLI::App& app, const char* name, const char* what, std::function<void(absl::Duration)> set);

// All but the cluster, the reason and --detach. What is not given stays unset: the coordinator knows the defaults that
// the help text names. `spec` and `all` are borrowed and outlive `start`; `all` becomes true, and the scenario stays
// unset, for --scenario all.
void AddDrillOptions(CLI::App& start, v1::DrillSpec* spec, bool* all);

// Those that do not say what each node goes through: which nodes, times and budgets.
void AddVisitOptions(CLI::App& start, v1::DrillSpec* spec);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_DRILL_OPTIONS_H_
