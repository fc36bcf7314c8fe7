// Removes what is kept no longer, again and again.
#ifndef JETTYFLEET_COORDINATOR_HISTORY_HISTORY_SWEEP_H_
#define JETTYFLEET_COORDINATOR_HISTORY_HISTORY_SWEEP_H_

#include <cstddef>

#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/history/retention.h"
#include "coordinator/journal/history_store.h"

namespace jettyfleet {

// Core thread only; owned by main, which calls Sweep and asks again when it is told to. Borrows its arguments.
class HistorySweep {
 public:
  // So much is removed at once, since the core waits for it.
  static constexpr std::size_t kMostAtOnce = 200;
  static constexpr absl::Duration kUsually = absl::Hours(1);
  // While there is more to remove.
  static constexpr absl::Duration kSoon = absl::Seconds(10);

  HistorySweep(HistoryStore& store, const RetentionSettings& settings, const Clock& clock)
      : store_(store), settings_(settings), clock_(clock) {}

  // Says in the log what was removed, or why nothing could be; nothing where there was nothing to remove. Returns after
  // which time to call it again.
  absl::Duration Sweep();

 private:
  HistoryStore& store_;
  const RetentionSettings settings_;
  const Clock& clock_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_HISTORY_HISTORY_SWEEP_H_
