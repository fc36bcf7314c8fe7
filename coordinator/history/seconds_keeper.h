// Keeps an operation's traffic second by second, also over a restart of the coordinator.
#ifndef JETTYFLEET_COORDINATOR_HISTORY_SECONDS_KEEPER_H_
#define JETTYFLEET_COORDINATOR_HISTORY_SECONDS_KEEPER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/journal/history_store.h"
#include "coordinator/probe/traffic_probe.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

// Core thread only; one for each operation, owned by whoever runs it. Borrows its arguments.
class SecondsKeeper {
 public:
  // What a killed coordinator loses at most.
  static constexpr absl::Duration kInterval = absl::Seconds(30);

  SecondsKeeper(HistoryStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // The operation is taken up again: what was stored of it before stays.
  void Resume(const std::string& operation_id);

  // While traffic is sent. Stores what `probe` has counted when kInterval has passed; what cannot be stored is said in
  // the log once.
  void Keep(const std::string& operation_id, const TrafficProbe& probe);
  // The operation has ended.
  void KeepLast(const std::string& operation_id, const TrafficProbe& probe);

  // Of all its lives; ascending, at most kMostTrafficRows. `probe` may be nullptr.
  std::vector<v1::TrafficSecond> Rows(const TrafficProbe* probe) const;

 private:
  HistoryStore& store_;
  const Clock& clock_;
  std::vector<v1::TrafficSecond> before_;
  absl::Duration next_ = absl::InfiniteDuration();  // monotonic; InfiniteDuration: nothing was kept yet
  bool complained_ = false;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_HISTORY_SECONDS_KEEPER_H_
