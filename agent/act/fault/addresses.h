// Addresses of hosts, in one way of writing, so that the same one is found to be the same.
#ifndef JETTYFLEET_AGENT_ACT_FAULT_ADDRESSES_H_
#define JETTYFLEET_AGENT_ACT_FAULT_ADDRESSES_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"

namespace jettyfleet {

// "10.0.0.1", "fd00::1"; an IPv4 address that is written as an IPv6 one becomes that. Empty: it is no address (a name,
// a network, one with a zone).
std::string CanonicalAddress(const std::string& text);

// Whether it stands for one other host: not a loopback's, nobody's (0.0.0.0, ::), multicast or broadcast. `canonical`:
// of CanonicalAddress.
bool IsOneHost(const std::string& canonical);

// All of this host's interfaces'. Unavailable: the kernel did not say.
absl::StatusOr<std::set<std::string>> OwnAddresses();

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_FAULT_ADDRESSES_H_
