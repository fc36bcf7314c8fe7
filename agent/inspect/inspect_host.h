// One close look at this host: everything that `jettyfleet check` asks of it.
#ifndef JETTYFLEET_AGENT_INSPECT_INSPECT_HOST_H_
#define JETTYFLEET_AGENT_INSPECT_INSPECT_HOST_H_

#include <string>

#include "absl/time/time.h"
#include "agent/inspect/marker/markers.h"
#include "proto/action.pb.h"

namespace jettyfleet {

// DONE with an inspection, whatever could not be seen: that stands in its own `error` fields, or in the inspection's.
// The parts run side by side. Blocks for as long as the files that have to be read take; those that are left at `until`
// are left unread. What was read is remembered for the next time, so that a host with more files than can be read in
// time gets there in the end. Nothing else waits longer than a few seconds.
v1::ActionResult InspectHost(const MarkerOptions& options, const v1::Inspect& asked, absl::Time until);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_INSPECT_HOST_H_
