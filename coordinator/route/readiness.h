// Whether a node may be, and is, in service. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_READINESS_H_
#define JETTYFLEET_COORDINATOR_ROUTE_READINESS_H_

#include <string>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/route/servers.h"

namespace jettyfleet {

// What the node itself answers over HTTP, asked at `since` or later; unknown where it was not asked or is not there.
v1::Answer AnswersItself(const ClusterView& view, const v1::ResourceDescription& resource, const std::string& node,
                         absl::Time since);

// Ready, up, and checked by HAProxy since it was made ready at `ready_at`: seen late enough for a check to have run.
bool InServiceSince(const RoutedServer& server, absl::Time ready_at);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_READINESS_H_
