// The operation's lock on its cluster, kept in the cluster's own CIB: taken before the first gate, renewed while nodes
// are visited, released at the end. Pure steps of Decide.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_LOCK_H_
#define JETTYFLEET_COORDINATOR_ROLLING_LOCK_H_

#include "absl/time/time.h"
#include "coordinator/rolling/desk.h"

namespace jettyfleet {

struct LockState {
  // An agent has confirmed it.
  bool held = false;
  // It may stand in the CIB under our name.
  bool may_stand = false;
  // Held until this at least; not held after `latest_end`.
  absl::Time earliest_end = absl::InfinitePast();
  absl::Time latest_end = absl::InfinitePast();
};

LockState JudgeLock(const Operation& operation);

// Works on getting the lock, or stops the operation and says who holds it.
void TakeLock(Desk* desk);

// Renews the lock at half its time, or stops the operation when it is lost. Not called once the operation is stopped:
// undo needs no lock.
void KeepLock(Desk* desk);

// Works on releasing the lock. True when it is released or given up (it ends by itself); says which in `remark`.
bool GiveLockBack(Desk* desk, std::string* remark);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_LOCK_H_
