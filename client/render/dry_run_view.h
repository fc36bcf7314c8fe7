// A drill that was not run, as text.
#ifndef JETTYFLEET_CLIENT_RENDER_DRY_RUN_VIEW_H_
#define JETTYFLEET_CLIENT_RENDER_DRY_RUN_VIEW_H_

#include <string>

#include "proto/fleet.pb.h"

namespace jettyfleet {

// Its nodes in their order, what the gate says of each now, and what Pacemaker would do.
std::string RenderDryRun(const v1::DryRunDrillResponse& dry_run, bool colour);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_DRY_RUN_VIEW_H_
