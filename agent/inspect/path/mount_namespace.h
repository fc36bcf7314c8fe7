// Another process's view of the file systems, taken on by this one.
#ifndef JETTYFLEET_AGENT_INSPECT_PATH_MOUNT_NAMESPACE_H_
#define JETTYFLEET_AGENT_INSPECT_PATH_MOUNT_NAMESPACE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/inspect/path/mountinfo.h"

namespace jettyfleet {

// As the process sees them; 0: this one.
absl::StatusOr<std::vector<Mount>> MountsOf(uint32_t pid);

// From here on every path is what `pid` finds under it: its mount namespace and its root. Nothing to do, and no
// privilege needed, where they are this process's own. For good; one thread only. NotFound: it has ended.
absl::Status EnterMountNamespace(uint32_t pid);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_PATH_MOUNT_NAMESPACE_H_
