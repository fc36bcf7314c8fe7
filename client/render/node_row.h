// One node's facts in `jettyfleet status`, a cell at a time. Pure.
#ifndef JETTYFLEET_CLIENT_RENDER_NODE_ROW_H_
#define JETTYFLEET_CLIENT_RENDER_NODE_ROW_H_

#include <string>

#include "absl/time/time.h"
#include "client/render/text.h"
#include "proto/fleet.pb.h"

namespace jettyfleet {

// "up", or for how long it has been away.
Cell AgentCell(const v1::HostStatus& host, absl::Time now);

// Whether the cluster counts the node as a member: by the DC's own view, else by any node that is connected.
Cell OnlineCell(const v1::ClusterStatus& cluster, const std::string& node);

// `unit` ends in ".service".
Cell UnitCell(const v1::HostStatus& host, const std::string& unit);

// All ports of one resource: "8080", "8080 closed", "8080 by other", "?".
Cell PortsCell(const v1::HostStatus& host, const std::string& resource);

Cell HttpCell(const v1::HostStatus& host, const std::string& resource);

// The node's servers in every described backend of the resource; "-" where there is none.
Cell LoadBalancerCell(const v1::ClusterStatus& cluster, const std::string& node, const std::string& resource);

// "DC", "standby", leases in force and the like.
std::string NodeNotes(const v1::ClusterStatus& cluster, const v1::HostStatus& host);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_NODE_ROW_H_
