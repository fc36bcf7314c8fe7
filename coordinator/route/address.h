// Addresses as descriptions and HAProxy write them. Pure.
#ifndef JETTYFLEET_COORDINATOR_ROUTE_ADDRESS_H_
#define JETTYFLEET_COORDINATOR_ROUTE_ADDRESS_H_

#include <string>

namespace jettyfleet {

// An IPv4 or IPv6 address, and no name.
bool IsIpAddress(const std::string& text);

// The same IP address, however each is written.
bool SameIpAddress(const std::string& a, const std::string& b);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROUTE_ADDRESS_H_
