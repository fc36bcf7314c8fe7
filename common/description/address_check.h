// What may stand for a node's network address in a description.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_ADDRESS_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_ADDRESS_CHECK_H_

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure: nothing is resolved. The first problem among `addresses`, whose nodes must be among `nodes` where those are
// given.
MaybeProblem CheckAddresses(const v1::ClusterDescription& description);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_ADDRESS_CHECK_H_
