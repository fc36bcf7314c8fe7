// One client's session, asked at one place after the other.
#ifndef JETTYFLEET_COORDINATOR_PROBE_SESSION_WALK_H_
#define JETTYFLEET_COORDINATOR_PROBE_SESSION_WALK_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/probe/answering_node.h"
#include "proto/description.pb.h"

namespace jettyfleet {

struct WalkOrder {
  // The patterns, the timeout and the path; its own host is not asked.
  v1::TrafficDescription traffic;
  // Asked in turn, with one jar of cookies: http://HOST[:PORT]/PATH each.
  std::vector<std::string> urls;
  uint32_t requests = 12;
  absl::Duration longest = absl::Seconds(30);  // for all of them
  // For `nodes`.
  Answerers answerers;
};

struct WalkAnswer {
  absl::Status usable;  // InvalidArgument: a URL or a pattern cannot be used
  uint32_t requests = 0;
  uint32_t failures = 0;
  std::string first_failure;
  // What became of the session, by answer (session_judge.h).
  uint32_t kept = 0;
  uint32_t moved = 0;
  uint32_t regressed = 0;
  uint32_t lost = 0;
  uint32_t unknown = 0;
  uint32_t counted = 0;  // answers in which the counter was found
  // Which node each good answer came from, in their order; empty: it does not say.
  std::vector<std::string> nodes;
};

// A new connection for each request. Blocks, for at most `longest`; any thread. `stop` ends it before the next request.
WalkAnswer WalkSession(const WalkOrder& order, const std::atomic<bool>& stop);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_SESSION_WALK_H_
