// One server of HAProxy's `show servers state`, as actions read it.
#include <cstdint>

#include "absl/strings/match.h"
#include "agent/act/lb_state.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  namespace v1 = jettyfleet::v1;
  const absl::string_view answer(reinterpret_cast<const char*>(data), size);
  for (const char* const server : {"node-01", "node-02", "s"}) {
    const absl::StatusOr<jettyfleet::LbServerState> state = jettyfleet::ParseServerState(answer, "jetty", server);
    if (!state.ok()) {
      Demand(absl::IsNotFound(state.status()) || absl::IsInvalidArgument(state.status()), "no server, or no answer");
      Demand(state.status().message().size() < 1000, "what is wrong is said shortly");
      continue;
    }
    Demand(absl::StrContains(answer, server), "only a server that is named has a state");
    Demand(state->admin != v1::LbServerFact::ADMIN_STATE_UNSPECIFIED, "a state is one");
    Demand(state->weight <= 256 && state->configured_weight <= 256, "a weight is one");
    Demand(state->port <= 65535, "a port is one");
  }
  return 0;
}
