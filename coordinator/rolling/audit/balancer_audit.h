// Servers behind load balancers: load-balancers. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_BALANCER_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_BALANCER_AUDIT_H_

#include "coordinator/rolling/audit/findings.h"

namespace jettyfleet {

void AuditBalancers(AuditCase* audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_BALANCER_AUDIT_H_
