// One close look at this host: everything that `jettyfleet check` asks of it.
#ifndef JETTYFLEET_AGENT_INSPECT_INSPECT_HOST_H_
#define JETTYFLEET_AGENT_INSPECT_INSPECT_HOST_H_

#include <string>

#include "absl/time/time.h"
#include "agent/inspect/marker/markers.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// DONE with an inspection, whatever could not be seen: that stands in its own `error` fields, or in the inspection's.
// The parts run side by side. Files are read until `deadline`: what is missing then says so, and what was read is kept
// in the cache of digests, so that the next inspection gets further.
v1::ActionResult InspectHost(const MarkerOptions& options, const v1::Inspect& asked, absl::Time deadline);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_INSPECT_HOST_H_
