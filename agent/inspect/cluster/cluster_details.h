// What `check` asks of the cluster beyond what agents watch: links, fail counts, constraints.
#ifndef JETTYFLEET_AGENT_INSPECT_CLUSTER_CLUSTER_DETAILS_H_
#define JETTYFLEET_AGENT_INSPECT_CLUSTER_CLUSTER_DETAILS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

struct ClusterDetails {
  // Corosync and Pacemaker's tools are installed. False: nothing else is filled in, and nothing is wrong.
  bool cluster_node = false;
  v1::RingFact ring;
  std::vector<v1::FailCountFact> fail_counts;
  std::vector<v1::ConstraintFact> constraints;
  // One line each for fail counts and constraints that could not be read: then theirs are empty and unknown. The ring
  // has an `error` of its own.
  std::vector<std::string> problems;
};

// Runs corosync-cfgtool, crm_mon and cibadmin side by side; each has `deadline`. Any thread.
ClusterDetails ReadClusterDetails(absl::Duration deadline = absl::Seconds(2));

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_CLUSTER_CLUSTER_DETAILS_H_
