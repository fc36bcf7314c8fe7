// What a cluster's description may say, whoever sent it: ranges, names, and parts that contradict each other.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_VALIDATE_H_
#define JETTYFLEET_COMMON_DESCRIPTION_VALIDATE_H_

#include "absl/status/status.h"
#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure. The first problem found, in the order of the fields. It knows the description only: whether the nodes exist is
// asked of the cluster elsewhere. Every name that passes is free of characters that mean something to pcs, systemd,
// HAProxy or XML.
MaybeProblem FindProblem(const v1::ClusterDescription& description);

// The same as InvalidArgument, "description: PATH: WHAT".
absl::Status ValidateDescription(const v1::ClusterDescription& description);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_VALIDATE_H_
