// Whether a node that is fenced comes back by itself.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_FENCING_H_
#define JETTYFLEET_AGENT_ACT_FAULT_FENCING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/act/cib_document.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

// FailedPrecondition: it would not, and why. Unavailable, DeadlineExceeded: that could not be found out.

// Fencing is on, its action is reboot, and the cluster's fencer has a device for `node` (a field that is checked).
Task<absl::Status> CheckFencing(Tools& tools, CibDocument cib, std::string node);

// This host's Corosync and Pacemaker are started at boot.
Task<absl::Status> CheckStartsAtBoot(Tools& tools);

// How many devices `stonith_admin --list=NODE --output-as=xml` tells of. InvalidArgument: it is not such an answer.
absl::StatusOr<int> ParseFenceDevices(absl::string_view xml);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_FENCING_H_
