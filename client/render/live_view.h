// A running operation, node by node: as a picture that is drawn anew on a terminal, or as lines that are appended
// elsewhere. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_LIVE_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_LIVE_VIEW_H_

#include <string>

#include "absl/time/time.h"
#include "proto/fleet.pb.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// The whole picture. `now` is for what is still running.
std::string RenderLive(const v1::OperationReport& report, absl::Time now, bool colour);

// What is new in `report` since `before` (empty for the first): one line per change of a node's step or of the state,
// each with the time since the beginning. Empty when nothing that is shown has changed.
std::string RenderProgress(const v1::OperationReport& before, const v1::OperationReport& report, absl::Time now);

// `jettyfleet drill list`, newest first.
std::string RenderOperations(const v1::ListOperationsResponse& response, absl::Time now, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_LIVE_VIEW_H_
