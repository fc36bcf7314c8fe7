// What a drill's scenario means to the engine. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_SCENARIO_H_
#define JETTYFLEET_COORDINATOR_ROLLING_SCENARIO_H_

#include "proto/operation.pb.h"

namespace jettyfleet {

struct ScenarioTraits {
  bool known = false;
  // The node is hit while it serves: no drain, no maintenance, and clients may feel it.
  bool without_warning = false;
  // A lease on the node itself ends it, and an undo does so sooner. Otherwise the cluster ends it.
  bool leased_on_node = false;
  // Pacemaker finds a failure, which is ours to clean up.
  bool leaves_failure = false;
  // The node may leave the cluster and boot: it needs consent, and its own membership stops nothing.
  bool may_fence = false;
  // It is gone for sure; otherwise it may recover in place.
  bool takes_node = false;
  // The node to visit is the DC, whoever that is when it is planned.
  bool aimed_at_dc = false;
};

ScenarioTraits TraitsOf(const v1::DrillSpec& spec);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_SCENARIO_H_
