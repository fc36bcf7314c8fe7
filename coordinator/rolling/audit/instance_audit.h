// Where resources run and what has failed: instances, failed-actions. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_INSTANCE_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_INSTANCE_AUDIT_H_

#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {

void AuditInstances(AuditCase* audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_INSTANCE_AUDIT_H_
