// Which nodes answer through a load balancer: asked, not read from its configuration.
#ifndef JETTYFLEET_COORDINATOR_PROBE_REACH_CHECK_H_
#define JETTYFLEET_COORDINATOR_PROBE_REACH_CHECK_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "proto/description.pb.h"

namespace jettyfleet {

struct ReachQuestion {
  v1::TrafficDescription traffic;
  // Who is to answer. Asked until all have, and no more often than twelve times each and for no longer than 10 s.
  std::set<std::string> nodes;
  // Where neither the node pattern nor Jetty's worker name tells, a cookie with a server's name as its value does.
  std::map<std::string, std::string> node_of_server;
};

struct ReachAnswer {
  std::string url;
  absl::Status usable;  // InvalidArgument: the traffic description cannot be used
  std::map<std::string, uint32_t> by_node;
  uint32_t requests = 0;
  uint32_t failures = 0;
  std::string first_failure;
  uint32_t nameless = 0;  // good answers that did not say which node they came from
};

// Each request is a client of its own: a new connection, no cookies. Blocks; any thread. `stop` ends it before the next
// request.
ReachAnswer AskUntilAllAnswer(const ReachQuestion& question, const std::atomic<bool>& stop);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_REACH_CHECK_H_
