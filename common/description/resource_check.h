// One resource of a description, taken for itself.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_CHECK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// What Pacemaker may do when a monitor fails, of what a description can say.
bool IsOnFail(absl::string_view text);

// Pure. `path` is "resources[N]"; `nodes` is how many nodes the description lists, 0: it leaves that to the cluster.
MaybeProblem CheckResource(const std::string& path, const v1::ResourceDescription& resource, int nodes);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_CHECK_H_
