// `route render haproxy`: the part of a HAProxy configuration that a cluster's description says. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_HAPROXY_CONFIG_H_
#define JETTYFLEET_CLIENT_RENDER_HAPROXY_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/description.pb.h"

namespace jettyfleet {

// The backends of one load balancer, for HAProxy 2.6 and later; the same text for the same description. `host` empty:
// the one text that all load balancers share. `description` has passed ValidateDescription.
//
// InvalidArgument: there is no such load balancer, they differ and none is named, a worker name cannot be told from a
// node's, or sessions without affinity would be lost.
absl::StatusOr<std::string> RenderHaproxy(const v1::ClusterDescription& description, const std::string& host);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_HAPROXY_CONFIG_H_
