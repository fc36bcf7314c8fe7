#include "coordinator/rolling/audit/audit.h"

#include "coordinator/rolling/audit/balancer_audit.h"
#include "coordinator/rolling/audit/cib_audit.h"
#include "coordinator/rolling/audit/cluster_audit.h"
#include "coordinator/rolling/audit/findings.h"
#include "coordinator/rolling/audit/host_audit.h"
#include "coordinator/rolling/audit/instance_audit.h"
#include "coordinator/rolling/audit/process_audit.h"

namespace jettyfleet {

std::vector<v1::AuditFinding> JudgeAudit(const v1::AuditBaseline& baseline, const AuditObservations& now,
                                         const AuditExpectation& expected) {
  AuditCase audit{baseline, now, expected, Findings()};
  AuditCluster(&audit);
  AuditInstances(&audit);
  AuditProcesses(&audit);
  AuditCib(&audit);
  AuditHosts(&audit);
  AuditBalancers(&audit);
  return audit.findings.Take();
}

const v1::AuditFinding* WorstFinding(const std::vector<v1::AuditFinding>& findings) {
  const v1::AuditFinding* worst = nullptr;
  for (const v1::AuditFinding& finding : findings) {
    if (finding.verdict() == v1::AuditFinding::VERDICT_FAILED) return &finding;
    if (finding.verdict() != v1::AuditFinding::VERDICT_PASSED && worst == nullptr) worst = &finding;
  }
  return worst;
}

}  // namespace jettyfleet
