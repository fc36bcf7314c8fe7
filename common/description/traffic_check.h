// The traffic that a description names: a URL that can be asked, rates within reason, patterns that compile.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_TRAFFIC_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_TRAFFIC_CHECK_H_

#include "common/description/field_checks.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Pure.
MaybeProblem CheckTrafficFields(const v1::TrafficDescription& traffic);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_TRAFFIC_CHECK_H_
