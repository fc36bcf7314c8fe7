// The traffic probe over real HTTP.
#ifndef JETTYFLEET_COORDINATOR_PROBE_HTTP_TRAFFIC_PROBE_H_
#define JETTYFLEET_COORDINATOR_PROBE_HTTP_TRAFFIC_PROBE_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "coordinator/probe/traffic_probe.h"

namespace jettyfleet {

class TrafficRun;

// An open loop: requests go out on schedule, whatever became of the ones before. Virtual users keep their cookies and
// have one request in flight each; a request that is due while all of them wait is counted as not sent, and latency is
// measured from when a request was due, so that a stalled service cannot hide its stall by slowing the probe down.
//
// What is counted, and how, stands in window_counts.h; what becomes of sessions, in session_judge.h.
//
// Any thread may call it. It has a thread of its own from Start to its destructor, which forgets requests in flight and
// waits for that thread. No call blocks: Stop returns at once, and Snapshot().running says when the last request has
// ended. It runs once; Start after Stop is FailedPrecondition.
class HttpTrafficProbe final : public TrafficProbe {
 public:
  HttpTrafficProbe();
  ~HttpTrafficProbe() override;
  HttpTrafficProbe(const HttpTrafficProbe&) = delete;
  HttpTrafficProbe& operator=(const HttpTrafficProbe&) = delete;

  absl::Status Start(const v1::TrafficDescription& description) override;
  void EnterWindow(const std::string& window) override;
  void Stop() override;
  TrafficView Snapshot() const override;
  std::vector<v1::TrafficSecond> Seconds() const override;

 private:
  mutable Mutex mutex_;
  std::string window_ ABSL_GUARDED_BY(mutex_);  // entered before Start
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<TrafficRun> run_ ABSL_GUARDED_BY(mutex_);  // from the first Start on
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_HTTP_TRAFFIC_PROBE_H_
