// What evict and standby leases have in common: the record on this host, and the end of an element in the CIB.
#ifndef JETTYFLEET_AGENT_ACT_CIB_LEASE_H_
#define JETTYFLEET_AGENT_ACT_CIB_LEASE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/act/cib.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// What is to be put into the CIB for one lease.
struct CibLease {
  v1::CibEntryFact::Kind kind;
  std::string id;
  std::string node;
  std::string operation_id;
  absl::Time end;  // whole seconds
};

// The answer to a lease id that is taken: DONE with its end where the CIB already holds just this and it is still in
// force, REFUSED where it is something else or over. Empty: the id is free.
std::optional<v1::ActionResult> AnswerFromCib(const CibDocument& cib, const CibLease& lease, absl::Time now);

// The last steps before the act: quorum, then the durable record. Not OK: nothing was done, and the message says why.
Task<absl::Status> ArmCibLease(Cib& cib, LeaseStore& leases, CibLease lease);

// The step after the act: DONE only when the CIB holds the element with its node and end.
Task<v1::ActionResult> VerifyCibLease(Cib& cib, CibLease lease, std::string tool, CommandResult acted);

// Undo: takes the element out of the CIB by its id and drops the record. DONE too when there is none. With quorum only.
Task<v1::ActionResult> RemoveCibLease(Cib& cib, LeaseStore& leases, std::string lease_id);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_LEASE_H_
