// The operation lock of a cluster: one cluster_property_set under a fixed id in the CIB, so that Pacemaker itself
// refuses a second creator. Pacemaker ignores properties that it does not know.
#ifndef JETTYFLEET_AGENT_ACT_LOCK_H_
#define JETTYFLEET_AGENT_ACT_LOCK_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "agent/act/cib.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// Fields are checked; quorum is not: each asks for it right before it changes anything.
Task<v1::ActionResult> AcquireLock(Cib& cib, std::string operation_id, uint64_t epoch, v1::AcquireLock act);
Task<v1::ActionResult> RenewLock(Cib& cib, std::string operation_id, v1::RenewLock act);
// DONE too where the lock is gone or another's: ours is not there. An empty operation stands for any of this holder.
Task<v1::ActionResult> ReleaseLock(Cib& cib, std::string operation_id, v1::ReleaseLock act);

// REFUSED with the lock where another operation holds it at `now`; an unreadable end is not over. Empty message and
// OUTCOME_DONE: nobody is in the way.
v1::ActionResult CheckLockAllows(const CibDocument& cib, const std::string& operation_id, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_LOCK_H_
