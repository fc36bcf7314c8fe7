// One resource of a description, taken for itself.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_CHECK_H_

#include <string>

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure. `path` is "resources[N]"; `nodes` is how many nodes the description lists, 0: it leaves that to the cluster.
MaybeProblem CheckResource(const std::string& path, const v1::ResourceDescription& resource, int nodes);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_RESOURCE_CHECK_H_
