// Fail counts in `crm_mon --output-as xml`. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_CLUSTER_FAIL_COUNTS_H_
#define JETTYFLEET_AGENT_INSPECT_CLUSTER_FAIL_COUNTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// Every count above zero. InvalidArgument: not the XML of a crm_mon that is connected to its cluster.
absl::StatusOr<std::vector<v1::FailCountFact>> ParseFailCounts(const std::string& xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_CLUSTER_FAIL_COUNTS_H_
