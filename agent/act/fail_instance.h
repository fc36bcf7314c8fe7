// Has Pacemaker recover an instance that was seen to fail, without waiting for its next monitor.
#ifndef JETTYFLEET_AGENT_ACT_FAIL_INSTANCE_H_
#define JETTYFLEET_AGENT_ACT_FAIL_INSTANCE_H_

#include <string>

#include "agent/act/cib.h"
#include "agent/act/task.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// `crm_resource --fail`, on the DC: Pacemaker records a failed operation, counts it as one of its own monitor's, and
// recovers. REFUSED where the cluster has no such primitive, while another operation holds its lock, without quorum, and
// with in_transition while the cluster is not at rest: then it may be stopping the instance itself. What comes of it is
// for whoever asked to observe. Fields are checked.
Task<v1::ActionResult> FailInstance(Cib& cib, std::string operation_id, v1::FailInstance act);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAIL_INSTANCE_H_
