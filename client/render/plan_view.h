// A plan as an operator reads it before an apply. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_PLAN_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_PLAN_VIEW_H_

#include <string>

#include "proto/fleet.pb.h"

namespace jettyfleet {

std::string RenderPlan(const v1::PlanResponse& response, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_PLAN_VIEW_H_
