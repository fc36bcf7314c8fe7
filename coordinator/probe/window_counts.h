// What one window of traffic has counted.
#ifndef JETTYFLEET_COORDINATOR_PROBE_WINDOW_COUNTS_H_
#define JETTYFLEET_COORDINATOR_PROBE_WINDOW_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/probe/latency_histogram.h"
#include "coordinator/probe/request_failure.h"
#include "coordinator/probe/session_judge.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Owned by TrafficTally, under its owner's mutex. Times are of one monotonic clock. What the summary's fields mean:
//   requests      sent, those in flight included
//   failures      of them; with the successes and those in flight they make up `requests`
//   not_sent      due while every virtual user was waiting for an answer; not among `requests`
//   p50, p99, max latency of successful requests, from when each was DUE to the last byte of its answer
//   sessions_kept       virtual users with at least one answer that was judged kept or moved, and none lost or
//   regressed sessions_moved, sessions_regressed, sessions_lost      numbers of answers judged so (session_judge.h)
//   longest_gap   the longest time from when a request was due until any request succeeded, with no success between:
//                 the time for which the service looked dead. It is cut at the window's ends, and a success ends it
//                 in whatever window its request began.
//   by_node       of those answers that told their node, for as many nodes as the largest cluster has
class WindowCounts {
 public:
  explicit WindowCounts(std::size_t users) : sessions_(users) {}

  void Due(absl::Duration due);
  void Sent() { ++requests_; }
  void NotSent() { ++not_sent_; }
  void Failed(RequestFailure failure) { ++failures_[failure]; }
  // `node`: which one answered; empty: it did not tell.
  void Succeeded(std::size_t user, absl::Duration latency, SessionVerdict verdict, const std::string& node);

  // Some request, of any window, succeeded.
  void EndGap(absl::Duration now);

  v1::TrafficSummary Summary(absl::Duration now) const;

 private:
  // Of one user: what its answers in this window were judged.
  struct SessionMarks {
    bool lived = false;
    bool broken = false;
  };

  uint64_t requests_ = 0;
  uint64_t not_sent_ = 0;
  std::map<RequestFailure, uint64_t> failures_;
  LatencyHistogram latency_;
  std::map<std::string, LatencyHistogram> latency_by_node_;
  std::vector<SessionMarks> sessions_;  // by user
  uint32_t moved_ = 0;
  uint32_t regressed_ = 0;
  uint32_t lost_ = 0;
  std::optional<absl::Duration> gap_began_;
  absl::Duration longest_gap_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_WINDOW_COUNTS_H_
