// Instances that nobody touched are still the same processes: processes. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_PROCESS_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_PROCESS_AUDIT_H_

#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {

void AuditProcesses(AuditCase* audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_PROCESS_AUDIT_H_
