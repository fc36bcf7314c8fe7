// A drill's traffic second by second.
#ifndef JETTYFLEET_CLIENT_RENDER_SECONDS_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_SECONDS_VIEW_H_

#include <string>

#include "proto/operation.pb.h"

namespace jettyfleet {

// One line a second; seconds in a row in which nothing failed and nothing happened share one, up to ten. Beside them
// what became of the nodes' visits, and what kinds of failures there were. Pure.
std::string RenderSeconds(const v1::TrafficSeconds& seconds, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_SECONDS_VIEW_H_
