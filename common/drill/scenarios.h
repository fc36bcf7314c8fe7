// What drills can do to a node, in words: one definition for client and coordinator. Pure.
#ifndef JETTYFLEET_COMMON_DRILL_SCENARIOS_H_
#define JETTYFLEET_COMMON_DRILL_SCENARIOS_H_

#include <vector>

#include "proto/operation.pb.h"

namespace jettyfleet {

struct ScenarioDefinition {
  v1::Scenario scenario;
  const char* name;      // as on the command line
  const char* happens;   // to the node
  const char* never;     // what it must not do
  const char* ended_by;  // with all of our processes dead too
  const char* expected;  // of cluster and clients
  // It can get a node fenced: needs DrillSpec.allow_fencing.
  bool may_fence;
};

// All of them, the mildest first.
const std::vector<ScenarioDefinition>& Scenarios();

// nullptr: of a newer version, or unspecified.
const ScenarioDefinition* FindScenario(v1::Scenario scenario);

struct ClusterDaemon {
  v1::KillDaemon::Daemon daemon;
  const char* name;  // of its program
};

// Those that daemon-kill can be told to kill.
const std::vector<ClusterDaemon>& ClusterDaemons();

// "" for one that is not known.
const char* DaemonName(v1::KillDaemon::Daemon daemon);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DRILL_SCENARIOS_H_
