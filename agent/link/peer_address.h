// gRPC's way of writing the other end of a connection.
#ifndef JETTYFLEET_AGENT_LINK_PEER_ADDRESS_H_
#define JETTYFLEET_AGENT_LINK_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// "10.0.0.1" of "ipv4:10.0.0.1:7411", "fd00::1" of "ipv6:%5Bfd00::1%5D:7411" (gRPC 1.51) or "ipv6:[fd00::1]:7411".
// Empty: it is none of these (a Unix socket, or nothing).
std::string AddressOfPeer(absl::string_view peer);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_LINK_PEER_ADDRESS_H_
