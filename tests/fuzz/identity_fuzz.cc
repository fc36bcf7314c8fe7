// Who a certificate says its holder is.
#include <cstdint>

#include "common/identity.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  const absl::string_view uri(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<jettyfleet::Identity> identity = jettyfleet::ParseIdentity(uri);
  if (!identity.ok()) {
    Demand(absl::IsInvalidArgument(identity.status()) && identity.status().message().size() < 1000, "a short error");
    return 0;
  }
  Demand(identity->role != jettyfleet::Role::kNone, "nobody is not an identity");
  const absl::StatusOr<std::string> written = jettyfleet::FormatIdentity(*identity);
  Demand(written.ok() && absl::string_view(*written) == uri, "just one text stands for each identity");
  return 0;
}
