// Rollouts in words and tables.
#ifndef JETTYFLEET_CLIENT_RENDER_ROLLOUT_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_ROLLOUT_VIEW_H_

#include <string>

#include "proto/fleet.pb.h"

namespace jettyfleet {

// The whole order, with what each node has and will have.
std::string RenderRolloutPlan(const v1::PlanRolloutResponse& plan, bool colour);

// Who, what, when, why, and from which digest to which on each node; newest first. Other operations are passed over.
std::string RenderRolloutHistory(const v1::ListOperationsResponse& operations, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_ROLLOUT_VIEW_H_
