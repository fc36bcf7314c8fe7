// The traffic probe's interface: what a client of the load balancer feels, counted by window.
#ifndef JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_PROBE_H_
#define JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_PROBE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/fleet/view.h"
#include "proto/description.pb.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Any thread may call it; owned by main. One probe serves one operation.
class TrafficProbe {
 public:
  virtual ~TrafficProbe() = default;

  // Starts sending at the described rate. InvalidArgument: the description's URL or patterns cannot be used.
  // Calling it while it runs changes nothing.
  virtual absl::Status Start(const v1::TrafficDescription& description) = 0;

  // Requests that begin from now on are counted in `window` (and always in ""); "" ends the current window.
  virtual void EnterWindow(const std::string& window) = 0;

  // Stops sending; requests in flight are waited for until their timeout and counted.
  virtual void Stop() = 0;

  // Counts so far. Cheap enough for four calls a second.
  virtual TrafficView Snapshot() const = 0;

  // The same second by second, ascending; not cheap, for the operation's record.
  virtual std::vector<v1::TrafficSecond> Seconds() const = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_TRAFFIC_PROBE_H_
