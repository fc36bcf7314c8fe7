// What a rollout's spec is filled up with, and what of it is refused. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_SPEC_H_
#define JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_SPEC_H_

#include "absl/status/status.h"
#include "proto/description.pb.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Without effect on a spec that has no rollout. The archive's digest and size come from whoever keeps archives.
void FillRolloutDefaults(const v1::ClusterDescription& description, v1::DrillSpec* spec);

// InvalidArgument, in one line. A spec whose scenario is a rollout has to have one, and no other may.
absl::Status CheckRolloutSpec(const v1::ClusterDescription& description, const v1::DrillSpec& spec);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_ROLLOUT_SPEC_H_
