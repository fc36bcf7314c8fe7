// The configuration: cib-identical, cib-unchanged, cib-leftovers, constraints. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_CIB_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_CIB_AUDIT_H_

#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {

void AuditCib(AuditCase* audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_CIB_AUDIT_H_
