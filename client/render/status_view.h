// `jettyfleet status`.
#ifndef JETTYFLEET_CLIENT_RENDER_STATUS_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_STATUS_VIEW_H_

#include <string>

#include "proto/fleet.pb.h"

namespace jettyfleet {

// Pure. What an agent that is not connected reported last is not shown as if it were so now: it is "?".
std::string RenderStatus(const v1::GetStatusResponse& response, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_STATUS_VIEW_H_
