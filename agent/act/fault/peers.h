// Where Corosync on this host reaches the other nodes.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_PEERS_H_
#define JETTYFLEET_AGENT_ACT_FAULT_PEERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

// The peers' addresses in what `corosync-cfgtool -n` prints, on all links, each once, in the order of their first line.
// Unavailable: no link to any node is told of, or one not in this form. Source: Corosync 3.1.7, transport knet:
// "   LINK: 0 udp (10.99.0.11->10.99.0.12) enabled connected mtu: 1397". Pure.
absl::StatusOr<std::vector<std::string>> ParsePeers(absl::string_view text);

// Runs it. Unavailable also where Corosync does not.
Task<absl::StatusOr<std::vector<std::string>>> ReadPeers(Tools& tools);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_PEERS_H_
