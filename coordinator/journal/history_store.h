// What is kept of operations beside their records, and which operations are kept at all.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_HISTORY_STORE_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_HISTORY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

inline constexpr std::size_t kLargestSecondsBytes = 2 << 20;

// One operation as far as deciding on its removal needs it.
struct KeptOperation {
  // An act is what has no beginning and no end of its own: a restoration, recover at once.
  enum class Kind { kDrill, kRollout, kApply, kRoute, kAct };

  std::string id;
  std::string cluster;
  Kind kind = Kind::kAct;
  bool ended = false;  // its last record says so; always for acts
  absl::Time last_at;  // of its last record
  uint64_t last_sequence = 0;
};

// Core thread only (main's before that thread starts). Calls block for the length of a commit. ResourceExhausted: the
// disk is full. DataLoss: what was stored cannot be read.
class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  // Replaces what was stored of the same operation. InvalidArgument: no id, or more than kLargestSecondsBytes.
  virtual absl::Status StoreSeconds(const std::string& operation_id, const std::vector<v1::TrafficSecond>& seconds) = 0;

  // Empty: none were stored.
  virtual absl::StatusOr<std::vector<v1::TrafficSecond>> FindSeconds(const std::string& operation_id) = 0;

  // All of them, the one with the newest record last.
  virtual absl::StatusOr<std::vector<KeptOperation>> Operations() = 0;

  // Removes their records and seconds, all or nothing. FailedPrecondition: one holds the journal's last record, whose
  // number must not be given again.
  virtual absl::Status Remove(const std::vector<std::string>& operation_ids) = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_HISTORY_STORE_H_
