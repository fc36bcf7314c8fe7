// The processes of one unit, by its control group: who they are, and standing still.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_CONTROL_GROUP_H_
#define JETTYFLEET_AGENT_ACT_FAULT_CONTROL_GROUP_H_

#include <sys/types.h>

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/act/fault/host_paths.h"

namespace jettyfleet {

// A service's group as systemd names it: "/system.slice/jetty9.service", of bounded length and leading nowhere else.
bool IsServiceGroup(absl::string_view name);

// A value; loop thread only. Nothing is kept between calls: each reads what the kernel shows at that moment.
class ControlGroup {
 public:
  // `name`: of IsServiceGroup.
  ControlGroup(HostPaths paths, std::string name);

  const std::string& name() const { return name_; }

  // Of this group and those below it. NotFound: there is no such group (any more). ResourceExhausted: more than 4096.
  absl::StatusOr<std::set<pid_t>> Processes() const;
  // False too where that cannot be seen.
  bool Has(pid_t process) const;

  // Whether the kernel can freeze it: a group of the unified hierarchy that holds processes and has cgroup.freeze. In a
  // hybrid set-up systemd itself refuses to freeze, but the file is there and works.
  bool HasFreezer() const;
  // Asks for it. NotFound: there is no such group, or none with cgroup.freeze.
  absl::Status SetFrozen(bool frozen) const;
  // Waits, blocking, until the kernel says that every process stands still. DeadlineExceeded: not within `longest`.
  absl::Status AwaitFrozen(absl::Duration longest) const;

 private:
  // Of the group in the unified hierarchy; empty: there is none with this file.
  std::string UnifiedFile(absl::string_view file) const;

  const HostPaths paths_;
  const std::string name_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_CONTROL_GROUP_H_
