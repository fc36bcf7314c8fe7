// Tables of our own in the kernel's packet filter, made and removed by nft, whole or not at all.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_PACKET_FILTER_H_
#define JETTYFLEET_AGENT_ACT_FAULT_PACKET_FILTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/act/task.h"
#include "agent/act/tools.h"

namespace jettyfleet {

// A table of the family inet (IPv4 and IPv6), whose name is the lease's id. Its chains come before other tables' and
// connection tracking (priority -300), and what they do not drop goes on to the others.

// Unavailable: this host has no nft, or it does not work.
Task<absl::Status> CheckPacketFilter(Tools& tools);

// One transaction, which replaces a table of that name, and then a look whether it is there. Not OK: what is in force
// is unknown (nothing, where nft itself said no).
Task<absl::Status> DropToPort(Tools& tools, std::string table, uint16_t port);
// `addresses`: of CanonicalAddress, not empty.
Task<absl::Status> DropPeers(Tools& tools, std::string table, std::vector<std::string> addresses);

// One transaction; OK too where there is no such table.
Task<absl::Status> RemoveTable(Tools& tools, std::string table);

// The names of all tables of ours. NotFound: this host has no nft, and so no table.
Task<absl::StatusOr<std::vector<std::string>>> OurTables(Tools& tools);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_PACKET_FILTER_H_
