// The address that the traffic probe asks, taken apart strictly.
#ifndef JETTYFLEET_COORDINATOR_PROBE_HTTP_URL_H_
#define JETTYFLEET_COORDINATOR_PROBE_HTTP_URL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

struct HttpUrl {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without brackets
  uint16_t port = 80;
  std::string target;       // path and query, always with a leading '/'
  std::string host_header;  // what goes into "Host:"
};

// http://HOST[:PORT][/PATH[?QUERY]], printable ASCII. No https (the probe does not speak TLS), no user, no fragment.
// InvalidArgument quotes the URL and says what is wrong with it.
absl::StatusOr<HttpUrl> ParseHttpUrl(absl::string_view url);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_HTTP_URL_H_
