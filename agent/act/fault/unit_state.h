// What systemd says of a unit that is about to be broken.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_UNIT_STATE_H_
#define JETTYFLEET_AGENT_ACT_FAULT_UNIT_STATE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

struct UnitState {
  std::string active_state;   // "active", "inactive", ...
  pid_t main_process = 0;     // 0: none
  std::string control_group;  // "/system.slice/jetty9.service"; empty: none
};

// `unit` without ".service". Unavailable: systemd could not be asked, or its answer makes no sense.
Task<absl::StatusOr<UnitState>> ReadUnitState(Tools& tools, std::string unit);

// The same, of a unit that runs: active, with a control group. FailedPrecondition: it does not.
Task<absl::StatusOr<UnitState>> ReadRunningUnit(Tools& tools, std::string unit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_UNIT_STATE_H_
