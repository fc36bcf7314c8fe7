// The cluster before a node is touched, as the audits need it. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_BASELINE_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_BASELINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/rolling/audit/audit.h"

namespace jettyfleet {

// Unavailable: something of it has not been seen since, and what; nothing may be touched before it has.
absl::StatusOr<v1::AuditBaseline> TakeAuditBaseline(const AuditObservations& now);

// Nodes whose agents have to look: those of the cluster as its DC sees it; empty while there is no DC.
std::vector<std::string> NodesToLookAt(const ClusterView& view);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_BASELINE_H_
