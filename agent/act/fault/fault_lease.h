// Arming the lease of a fault: what stands between the last question and the act.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FAULT_LEASE_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FAULT_LEASE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/act/fault/fault_hands.h"
#include "agent/act/task.h"
#include "proto/agent_state.pb.h"

namespace jettyfleet {

// Without times and timer.
v1::LeaseRecord FaultRecord(const FaultHands& hands, absl::string_view kind, const std::string& lease_id,
                            const std::string& target);

// Whether this host may arm it: empty, or one line why not. It holds one lease of a fault at a time; the same id for
// the same thing is one that is in force still.
std::string WhyNotArmed(const FaultHands& hands, const v1::LeaseRecord& wanted);

// Record, then timer; `duration` begins now, by this host's clock. The lease that is in force: where the same is armed
// already, that one, with its own end. Not OK: nothing was done.
Task<absl::StatusOr<v1::LeaseRecord>> ArmFault(FaultHands& hands, v1::LeaseRecord wanted, absl::Duration duration);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FAULT_LEASE_H_
