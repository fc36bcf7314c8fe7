// Listening TCP sockets, from the kernel's sock_diag.
#ifndef JETTYFLEET_AGENT_OBSERVE_LISTENERS_H_
#define JETTYFLEET_AGENT_OBSERVE_LISTENERS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

struct Listener {
  std::string address;
  uint16_t port = 0;
  uint64_t cookie = 0;  // the kernel's name for this very socket
  uint32_t inode = 0;
  uint64_t cgroup_id = 0;  // of the socket's creator; 0: not told (before Linux 5.7)
};

// One dump of both address families; blocks for as long as the kernel takes to write it (0.1 ms), one second at most.
absl::StatusOr<std::vector<Listener>> DumpListeners();

// The messages in one datagram of the dump or of the destroy groups. Sockets with a peer are skipped. `done` is set
// when the dump's end was among them. InvalidArgument: not whole messages; Unavailable: the kernel reported an error.
absl::StatusOr<std::vector<Listener>> ParseDiagMessages(absl::string_view datagram, bool* done);

// A netlink socket that gets a message for every listening TCP socket of both address families that is destroyed, once
// FilterListenerDestroyEvents has said on which ports; until then it gets none. Needs no privilege. The caller owns the
// descriptor, which does not block. ENOBUFS from it: messages were lost, dump again.
absl::StatusOr<int> OpenListenerDestroyEvents();

// A filter in the kernel drops what is about other ports and what is about connections, so that 2,000 closed
// connections a second cost this process nothing. With more than kMostFilteredPorts it lets listeners on every port
// through.
absl::Status FilterListenerDestroyEvents(int fd, const std::set<uint16_t>& ports);
inline constexpr std::size_t kMostFilteredPorts = 100;

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_LISTENERS_H_
