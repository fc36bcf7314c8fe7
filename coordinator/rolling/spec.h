// A drill's specification, completed and checked before an operation is begun with it. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_SPEC_H_
#define JETTYFLEET_COORDINATOR_ROLLING_SPEC_H_

#include "absl/status/status.h"
#include "proto/description.pb.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Fills in what the operator left out: the only resource, min_serving as described (at least 1), and the times.
void FillDefaults(const v1::ClusterDescription& description, v1::DrillSpec* spec);

// InvalidArgument names the field, what is wrong with it and what it may be.
absl::Status CheckSpec(const v1::ClusterDescription& description, const v1::DrillSpec& spec);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_SPEC_H_
