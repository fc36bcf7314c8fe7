// Whether session stores answer from this host.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_STORE_REACH_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_STORE_REACH_H_

#include <vector>

#include "absl/time/time.h"
#include "agent/inspect/jetty/store_address.h"
#include "proto/inspection.pb.h"

namespace jettyfleet {

inline constexpr absl::Duration kStoreDeadline = absl::Milliseconds(800);

// One fact for each address, in their order, all asked at once: returns after the slowest, `deadline` at most.
// - Redis: answers PING; a demand for a password counts as an answer.
// - TLS where the address says so: the handshake ends. The certificate is not judged, Jetty's trust store is not ours.
// - Otherwise a TCP connection to any of the name's addresses. It is reset before the server hears of it, since MySQL
//   shuts out hosts that connect and say nothing.
// - A directory: there, and can be opened.
// `reachable` is NO only for what was seen to fail; an address with an `error` is unknown. A name server or file system
// that does not answer leaves a thread behind, which ends with the program; nobody else's memory is touched by it.
std::vector<v1::StoreFact> ReachStores(const std::vector<StoreAddress>& addresses,
                                       absl::Duration deadline = kStoreDeadline);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_STORE_REACH_H_
