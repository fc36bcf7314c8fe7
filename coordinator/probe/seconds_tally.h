// What clients felt second by second.
#ifndef JETTYFLEET_COORDINATOR_PROBE_SECONDS_TALLY_H_
#define JETTYFLEET_COORDINATOR_PROBE_SECONDS_TALLY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/drill/traffic_rows.h"
#include "coordinator/probe/latency_histogram.h"
#include "coordinator/probe/request_failure.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Owned by TrafficRun, under its mutex; no clock of its own. Times are of one monotonic clock. A request belongs to the
// second in which it was due. The fields of a row are explained in proto/operation.proto.
//
// A histogram is kept only for seconds with requests in flight and for the newest: as many as a request may take.
class SecondsTally {
 public:
  // `wall_start` is the time of day at `start`: rows are the whole seconds of that clock, and go on evenly when it is
  // set meanwhile. `most_rows` is at least 4.
  SecondsTally(absl::Time wall_start, absl::Duration start, std::size_t most_rows = kMostTrafficRows);

  // A request is due; dues ascend. Sent or NotSent follows, and after Sent, once, Failed or Succeeded.
  void Due(absl::Duration due);
  void NotSent(absl::Duration due);
  void Sent(absl::Duration due);
  void Failed(absl::Duration due, RequestFailure failure);
  void Succeeded(absl::Duration due, absl::Duration now);
  // No request is due any more and none is in flight.
  void Finish(absl::Duration now);

  std::vector<v1::TrafficSecond> Rows(absl::Duration now) const;

 private:
  struct Row {
    v1::TrafficSecond counts;
    uint64_t in_flight = 0;
    std::unique_ptr<LatencyHistogram> latency;  // nullptr once it is summed up in `counts`
  };

  int64_t SecondOf(absl::Duration time) const;
  absl::Duration EndOf(const Row& row) const;
  Row& Find(absl::Duration due);
  void EndRequest(Row* row);
  // Longer than what `row` has: how much of a gap from `began` to `now` had passed in its time.
  void NoteGap(const Row& row, absl::Duration began, absl::Duration now, v1::TrafficSecond* counts) const;
  void EndGap(absl::Duration now);
  void HalveOlderHalf();
  static void SumUp(const LatencyHistogram& latency, v1::TrafficSecond* counts);

  const absl::Time wall_start_;
  const absl::Duration start_;
  const std::size_t most_rows_;
  std::deque<Row> rows_;  // ascending
  std::optional<absl::Duration> gap_began_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_SECONDS_TALLY_H_
