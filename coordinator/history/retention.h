// Which ended operations are kept no longer. Pure.
#ifndef JETTYFLEET_COORDINATOR_HISTORY_RETENTION_H_
#define JETTYFLEET_COORDINATOR_HISTORY_RETENTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/journal/history_store.h"

namespace jettyfleet {

inline constexpr int kLongestKeepDays = 36500;
inline constexpr int kMostKeptOperations = 1'000'000;

struct RetentionSettings {
  int keep_days = 365;           // 1 to kLongestKeepDays
  int keep_operations = 10'000;  // 1 to kMostKeptOperations
};

// The ids of what goes, oldest first, at most `most_at_once`: ended operations whose last record is older than
// `keep_days`, and the oldest of what is then beyond `keep_operations`. What stays whatever the settings say: what has
// not ended, what had a record within the last hour (an act has no end of its own), and the newest of each cluster and
// kind, which `drill show` and its like show. `operations` stand in the order of their last records.
std::vector<std::string> KeptNoLonger(const std::vector<KeptOperation>& operations, const RetentionSettings& settings,
                                      absl::Time now, std::size_t most_at_once);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_HISTORY_RETENTION_H_
