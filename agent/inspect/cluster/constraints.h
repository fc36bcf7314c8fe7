// Constraints in `cibadmin --query` other than locations, which agents watch anyway. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_CLUSTER_CONSTRAINTS_H_
#define JETTYFLEET_AGENT_INSPECT_CLUSTER_CONSTRAINTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

// Every rsc_order, rsc_colocation and rsc_ticket, with the resources of its sets. InvalidArgument: not XML, or no CIB.
// Source: Pacemaker's schema (constraints-2.9 and what it includes) and its manual.
absl::StatusOr<std::vector<v1::ConstraintFact>> ParseConstraints(const std::string& xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_CLUSTER_CONSTRAINTS_H_
