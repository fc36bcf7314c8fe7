// Addresses of session stores.
#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "agent/inspect/jetty/store_address.h"
#include "tests/fuzz/demand.h"

namespace jettyfleet {
namespace {

void Check(const StoreAddress& address) {
  const bool host = !address.host.empty() && address.port != 0;
  const int known = (host ? 1 : 0) + (address.directory.empty() ? 0 : 1) + (address.error.empty() ? 0 : 1);
  Demand(known == 1, "an address is a server, or a directory, or unknown");
  Demand(host || (address.host.empty() && address.port == 0), "no half of an address");
  Demand(address.host.size() <= 253 && std::all_of(address.host.begin(), address.host.end(), absl::ascii_isgraph),
         "a host is a name or an address");
  Demand(address.error.size() < 500, "what is wrong is said shortly");
}

}  // namespace
}  // namespace jettyfleet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  using jettyfleet::StoreAddress;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<StoreAddress> addresses = jettyfleet::ParseStoreUrl(text);
  Demand(!addresses.empty() && addresses.size() <= 33, "some, and not too many");
  for (const StoreAddress& address : addresses) jettyfleet::Check(address);
  const StoreAddress one = jettyfleet::ParseHostPort(text, "redis", 6379);
  jettyfleet::Check(one);
  if (!one.error.empty()) return 0;
  const StoreAddress again = jettyfleet::ParseHostPort(jettyfleet::StoreAddressText(one), "redis", 0);
  Demand(again.host == one.host && again.port == one.port, "written out, it is the same");
  return 0;
}
