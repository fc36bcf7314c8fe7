// What every fault has at hand while it is carried out.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FAULT_HANDS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FAULT_HANDS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "agent/act/actor_options.h"
#include "agent/act/cib.h"
#include "agent/act/lease_store.h"
#include "agent/act/timed_lease.h"

namespace jettyfleet {

// One for each action, owned by whoever runs it; loop thread only.
struct FaultHands {
  Cib& cib;
  LeaseStore& leases;
  const ActorOptions& options;
  UndoCommandOf undo_command;
  // For a fault without a lease, right before it: makes durable that it was begun, so that it is never begun again. Not
  // OK: it must not be done.
  std::function<absl::Status()> note_begun;
  std::string operation_id;
  bool also_in_transition;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FAULT_HANDS_H_
