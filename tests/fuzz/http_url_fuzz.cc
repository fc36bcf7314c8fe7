// The address that an operator has the traffic probe ask.
#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "coordinator/probe/http_url.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  using jettyfleet::HttpUrl;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<HttpUrl> url = jettyfleet::ParseHttpUrl(text);
  if (!url.ok()) {
    Demand(absl::IsInvalidArgument(url.status()) && url.status().message().size() < 2000, "what is wrong, shortly");
    return 0;
  }
  const auto graphic = [](const std::string& part) {
    return std::all_of(part.begin(), part.end(), absl::ascii_isgraph);
  };
  Demand(!url->host.empty() && url->port != 0, "a host and a port");
  Demand(url->target[0] == '/', "a target begins with a slash");
  Demand(graphic(url->host_header) && graphic(url->target), "nothing that ends a line of the request");
  const absl::StatusOr<HttpUrl> again =
      jettyfleet::ParseHttpUrl(absl::StrCat("http://", url->host_header, url->target).substr(0, 2048));
  Demand(again.ok() && again->host == url->host && again->port == url->port, "written out, it is the same");
  return 0;
}
