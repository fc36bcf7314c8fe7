// Nodes, partitions and the DC: node-states, one-partition, one-dc. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_CLUSTER_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_CLUSTER_AUDIT_H_

#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {

void AuditCluster(AuditCase* audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_CLUSTER_AUDIT_H_
