// Where a session store is, as Jetty's configuration writes it. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_STORE_ADDRESS_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_STORE_ADDRESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jettyfleet {

struct StoreAddress {
  // As in SessionConfigurationFact.store: jdbc, redis, memcached, mongo, file, ...
  std::string kind;
  // Either host and port, or a directory, or neither: then `error` says why it is not known.
  std::string host;
  uint16_t port = 0;
  std::string directory;
  // The protocol begins with TLS (rediss://, mongodb with tls=true). JDBC drivers ask for it within their own protocol,
  // so it is never set for them.
  bool tls = false;
  std::string error;
};

// "HOST:PORT" with IPv6 in brackets, or the directory; empty where neither is known.
std::string StoreAddressText(const StoreAddress& address);

// "HOST:PORT", "[V6]:PORT", or HOST alone with `default_port` (0: a port is needed). `kind` and `error` are filled in
// either way.
StoreAddress ParseHostPort(absl::string_view text, absl::string_view kind, uint16_t default_port);

// Every server in a URL: jdbc:postgresql, mysql, mariadb, oracle:thin, sqlserver; redis, rediss; mongodb. Default ports
// are the drivers' own. Never empty: an address that cannot be told from the text has `error` set, which repeats no
// part of the URL (it may hold a password).
std::vector<StoreAddress> ParseStoreUrl(absl::string_view url);

// Whether the text begins like a URL that ParseStoreUrl knows.
bool IsStoreUrl(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_STORE_ADDRESS_H_
