// Removes what has ended by itself but is still lying about, and undoes what a reboot left without its timer.
#ifndef JETTYFLEET_AGENT_ACT_SWEEP_H_
#define JETTYFLEET_AGENT_ACT_SWEEP_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/act/cib.h"
#include "agent/act/fault/host_paths.h"
#include "agent/act/lease_store.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

struct SweepReport {
  // Not OK: something is left for a later sweep; the message says what and why.
  absl::Status status;
  std::vector<std::string> undone;  // one line each
};

// HAProxy servers and faults whose lease ended `grace` ago, or was armed before this boot: its timer did not survive.
// Writes nothing.
Task<SweepReport> SweepHost(Tools& tools, LeaseStore& leases, HostPaths paths, absl::Duration grace);

// Elements of ours in the CIB that ended `grace` ago, whichever agent recorded them, and the records of leases that are
// not in the CIB (any more). A rule in the CIB outlives a reboot, so it is left until its end. With quorum only; OK
// where this host is no cluster node and has no such record.
Task<SweepReport> SweepCib(Cib& cib, LeaseStore& leases, absl::Duration grace);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_SWEEP_H_
