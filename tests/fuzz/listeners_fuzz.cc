// Datagrams of the kernel's sock_diag.
#include <cstdint>
#include <vector>

#include "agent/observe/listeners.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  const absl::string_view datagram(reinterpret_cast<const char*>(data), size);
  bool done = false;
  const absl::StatusOr<std::vector<jettyfleet::Listener>> found = jettyfleet::ParseDiagMessages(datagram, &done);
  if (!found.ok()) {
    Demand(absl::IsInvalidArgument(found.status()) || absl::IsUnavailable(found.status()), "damaged, or an error");
    Demand(!done, "a datagram with an error does not end the dump");
    return 0;
  }
  Demand(found->size() <= size / 72 + 1, "each listener has a message of its own");
  for (const jettyfleet::Listener& listener : *found) {
    Demand(!listener.address.empty(), "a listener has an address");
  }
  return 0;
}
