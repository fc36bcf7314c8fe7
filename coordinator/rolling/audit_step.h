// The audits of an operation: the baseline before a node is touched, the step after it is whole again, and the same
// once more before the lock is given back. Pure; what is judged stands in coordinator/rolling/audit.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_STEP_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_STEP_H_

#include "absl/time/time.h"
#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// BASELINE, from its beginning: asks for what the baseline consists of. Nothing more once it is taken.
void AskForBaseline(const NodeVisit& visit, Desk* desk);

// True when the visit has its baseline. Records it when everything was seen; stops the operation at `deadline`, since
// without one nobody could tell what a drill has changed.
bool TakeBaseline(const NodeVisit& visit, absl::Time deadline, Desk* desk);

// AUDIT: true when it has passed and nothing is left to be done. Waits for what is not known, bounded, and stops the
// operation when something has failed or stays unknown.
bool Audit(const NodeVisit& visit, Desk* desk);

// The same at the end, against the first visit's baseline; also of an operation that was stopped, for its report. True
// when it is over, or there was nothing to audit.
bool AuditAtEnd(Desk* desk);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_STEP_H_
