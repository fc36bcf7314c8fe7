// `route show` and the lines of changes of the load balancers. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_ROUTE_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_ROUTE_VIEW_H_

#include <string>

#include "proto/route.pb.h"

namespace jettyfleet {

std::string RenderRoute(const v1::RouteShowResponse& response, bool colour);
// One line, with its line break.
std::string RenderRouteProgress(const v1::RouteProgress& progress, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_ROUTE_VIEW_H_
