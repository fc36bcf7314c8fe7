// The counts of every window, and which of them a request belongs to.
#ifndef JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_TALLY_H_
#define JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_TALLY_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/probe/window_counts.h"

namespace jettyfleet {

// Two for each node of the largest cluster that there is. Windows beyond are counted in "" alone.
inline constexpr std::size_t kMostWindows = 256;

// Owned by HttpTrafficProbe, under its mutex; no clock of its own. Times are of one monotonic clock. "" is the whole
// operation: every request is counted there, and in the window that was current when it began, if any.
class TrafficTally {
 public:
  explicit TrafficTally(std::size_t users) : users_(users), whole_(users) {}

  // The current window changes; "" ends it. One entered again goes on counting.
  void EnterWindow(const std::string& window, absl::Duration now);

  // A request is due; returns the window that it belongs to, to be handed back with its end.
  const std::string& Due(absl::Duration due);
  void NotSent();
  void Sent();

  void Failed(const std::string& window, RequestFailure failure);
  void Succeeded(const std::string& window, std::size_t user, absl::Duration due, absl::Duration now,
                 SessionVerdict verdict, const std::string& node);

  // No request is due any more and none is in flight.
  void Finish(absl::Duration now);

  // `running` is the caller's to set.
  TrafficView Snapshot(absl::Duration now) const;

 private:
  // nullptr for "".
  WindowCounts* Find(const std::string& window);

  const std::size_t users_;
  WindowCounts whole_;
  std::map<std::string, WindowCounts> windows_;
  std::string current_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_TALLY_H_
