// Whether a unit's processes stand still: frozen by their control group, or stopped by a signal.
#ifndef JETTYFLEET_AGENT_ACT_AUDIT_STANDSTILL_H_
#define JETTYFLEET_AGENT_ACT_AUDIT_STANDSTILL_H_

#include <string>

#include "agent/act/fault/host_paths.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"
#include "proto/leftovers.pb.h"

namespace jettyfleet {

// `unit` without ".service".
Task<v1::StandstillFact> LookAtStandstill(Tools& tools, HostPaths paths, std::string unit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_AUDIT_STANDSTILL_H_
