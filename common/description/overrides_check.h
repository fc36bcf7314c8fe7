// What a description may say of single checks.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_OVERRIDES_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_OVERRIDES_CHECK_H_

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure. The first problem among `checks`. An end that has passed is none: `check` says that it has. Which checks there
// are the coordinator knows, and refuses others.
MaybeProblem CheckOverrides(const v1::ClusterDescription& description);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_OVERRIDES_CHECK_H_
