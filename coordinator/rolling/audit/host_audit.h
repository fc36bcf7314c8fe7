// What is left on the nodes themselves, and what the operation has cost them: packet-filter, lease-timers, leases,
// standstill, core-dumps, disk-space. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_HOST_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_HOST_AUDIT_H_

#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {

void AuditHosts(AuditCase* audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_HOST_AUDIT_H_
