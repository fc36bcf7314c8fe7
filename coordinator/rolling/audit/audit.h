// The audits after a node and at an operation's end: is everything as it was before, and nothing of ours left? Pure: no
// I/O, no clock; equal inputs, equal findings.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_AUDIT_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_AUDIT_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "proto/audit.pb.h"

namespace jettyfleet {

// What is seen now. Borrows the view.
struct AuditObservations {
  const ClusterView& view;
  absl::Time since;                                // facts that were read before count as not seen
  std::map<std::string, v1::Leftovers> leftovers;  // by node, looked at since; a node that is not here has not told
};

// What may differ from the baseline.
struct AuditExpectation {
  std::string operation_id;
  std::string resource;                      // the described resource that the operation is about
  std::set<std::string> visited;             // since the baseline: instances there may be other processes
  std::map<std::string, std::string> moved;  // node to the spare on which its instance stays
  std::vector<v1::FailureFact> failures;     // by resource, operation and node
  // Below either of the first two, or with so much less than before, a disk is in trouble.
  uint64_t least_free_bytes = uint64_t{64} << 20;
  uint32_t least_free_percent = 1;
  uint64_t most_shrunk_bytes = uint64_t{1} << 30;
};

// At least one finding for each audit, in a fixed order: one that passed, perhaps with a remark, or one for everything
// that failed or is not known.
std::vector<v1::AuditFinding> JudgeAudit(const v1::AuditBaseline& baseline, const AuditObservations& now,
                                         const AuditExpectation& expected);

// nullptr: everything passed. Otherwise the first that failed, or else the first that is not known.
const v1::AuditFinding* WorstFinding(const std::vector<v1::AuditFinding>& findings);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_AUDIT_H_
