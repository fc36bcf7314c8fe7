// Everything that checks judge: plain values, gathered by whoever asks for a check.
#ifndef JETTYFLEET_COORDINATOR_CHECK_INPUT_H_
#define JETTYFLEET_COORDINATOR_CHECK_INPUT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/probe/reach_check.h"
#include "coordinator/probe/session_walk.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// What was found out of one host by looking closely.
struct HostLook {
  // Unavailable: not connected, or no answer in time; else the error that the agent gave.
  absl::StatusOr<v1::Inspection> inspection;
  // The host's clock minus the coordinator's lies between these. Unset: it said no time.
  std::optional<absl::Duration> clock_least;
  std::optional<absl::Duration> clock_most;
  // Of others' markers. Not OK: nothing was looked for, or nothing came back, and why.
  absl::StatusOr<std::vector<v1::MarkerSighting>> sightings;
};

// What one load balancer answered.
struct TrafficLook {
  ReachQuestion question;
  ReachAnswer reach;
  // One client each, which keeps its cookies.
  std::vector<WalkAnswer> sessions;
};

struct CheckInput {
  const ClusterView& view;
  absl::Time since;  // what was observed before is not known
  absl::Time now;
  std::map<std::string, HostLook> hosts;  // nodes that were looked at, by name
  std::vector<TrafficLook> traffic;
  // Evidence is to show how texts of configuration differ.
  bool with_texts = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_CHECK_INPUT_H_
