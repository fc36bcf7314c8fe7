// A traffic description, checked and ready for use.
#ifndef JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_SETTINGS_H_
#define JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_SETTINGS_H_

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/probe/http_url.h"
#include "coordinator/probe/session_judge.h"
#include "proto/description.pb.h"

namespace jettyfleet {

inline constexpr uint32_t kMostRequestsPerSecond = 5000;
inline constexpr uint32_t kMostVirtualUsers = 1000;
inline constexpr std::size_t kLongestPattern = 256;
inline constexpr std::size_t kLongestNodeName = 255;

// Moves only.
struct TrafficSettings {
  HttpUrl url;
  uint32_t requests_per_second = 50;
  uint32_t virtual_users = 20;
  absl::Duration timeout = absl::Seconds(2);
  // RE2 and not std::regex: time linear in the body, and no recursion that a page could drive off the stack. Null:
  // none.
  std::unique_ptr<RE2> counter_pattern;
  std::unique_ptr<RE2> node_pattern;
};

// 0 or unset means the value above. InvalidArgument names the field and what is wrong with it.
absl::StatusOr<TrafficSettings> CheckTraffic(const v1::TrafficDescription& description);

// What a successful answer's body and the jar's session cookie show.
SessionEvidence ReadEvidence(const TrafficSettings& settings, const std::string& body, std::string cookie);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_SETTINGS_H_
