#include "agent/act/fault/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

std::string Text(const in_addr& address) {
  char text[INET_ADDRSTRLEN];
  return inet_ntop(AF_INET, &address, text, sizeof text);
}

std::string Text(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr inside = {};
    std::memcpy(&inside, address.s6_addr + 12, sizeof inside);
    return Text(inside);
  }
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(AF_INET6, &address, text, sizeof text);
}

}  // namespace

std::string CanonicalAddress(const std::string& text) {
  in_addr v4 = {};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return Text(v4);
  in6_addr v6 = {};
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) return Text(v6);
  return "";
}

bool IsOneHost(const std::string& canonical) {
  in_addr v4 = {};
  if (inet_pton(AF_INET, canonical.c_str(), &v4) == 1) {
    const uint32_t number = ntohl(v4.s_addr);
    // 0.0.0.0/8, 127.0.0.0/8, and all from multicast up to broadcast.
    return number >> 24 != 0 && number >> 24 != IN_LOOPBACKNET && number >> 28 < 14;
  }
  in6_addr v6 = {};
  return inet_pton(AF_INET6, canonical.c_str(), &v6) == 1 && !IN6_IS_ADDR_LOOPBACK(&v6) &&
         !IN6_IS_ADDR_UNSPECIFIED(&v6) && !IN6_IS_ADDR_MULTICAST(&v6);
}

absl::StatusOr<std::set<std::string>> OwnAddresses() {
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot read this host's addresses: ", std::strerror(errno)));
  }
  std::set<std::string> own;
  for (const ifaddrs* interface = interfaces; interface != nullptr; interface = interface->ifa_next) {
    if (interface->ifa_addr == nullptr) continue;
    if (interface->ifa_addr->sa_family == AF_INET) {
      own.insert(Text(reinterpret_cast<const sockaddr_in*>(interface->ifa_addr)->sin_addr));
    } else if (interface->ifa_addr->sa_family == AF_INET6) {
      own.insert(Text(reinterpret_cast<const sockaddr_in6*>(interface->ifa_addr)->sin6_addr));
    }
  }
  freeifaddrs(interfaces);
  return own;
}

}  // namespace jettyfleet
