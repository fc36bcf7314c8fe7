// Which systemd unit "unit: auto" means. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_UNIT_CHOICE_H_
#define JETTYFLEET_COORDINATOR_PLAN_UNIT_CHOICE_H_

#include "absl/status/status.h"
#include "coordinator/fleet/view.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// Replaces "auto" by the one Jetty unit that every described node has, and sees that a named unit is there. Where the
// cluster already runs one of several, that one is meant. FailedPrecondition lists what each node has; a node whose
// agent is not connected is unknown, which is an error too.
absl::Status ChooseUnits(const ClusterView& view, v1::ClusterDescription* description);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_UNIT_CHOICE_H_
