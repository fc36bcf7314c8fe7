// The few words that are exchanged with a store over a connection. Blocks.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_STORE_CONVERSATION_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_STORE_CONVERSATION_H_

#include <string>

#include "absl/time/time.h"
#include "agent/inspect/jetty/store_address.h"

namespace jettyfleet {

// TLS where the address says so, then PING where it is Redis, over a connected non-blocking socket, which stays the
// caller's. Empty: it answered. Otherwise one line that says what it did instead. Any thread.
std::string TalkToStore(int socket, const StoreAddress& address, absl::Time until);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_STORE_CONVERSATION_H_
