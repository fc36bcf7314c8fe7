// The few things the coordinator keeps beside its journal: who it is, what it was told last, whom it has answered.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_FLEET_STORE_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_FLEET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/description.pb.h"

namespace jettyfleet {

inline constexpr std::size_t kLongestRequestKey = 512;
inline constexpr std::size_t kLargestAnswerBytes = 64 << 10;
inline constexpr int64_t kMostStoredAnswers = 10'000;
inline constexpr absl::Duration kStoredAnswerLifetime = absl::Hours(24);

// Core thread only (main's before that thread starts). Calls block for the length of a commit. What a call answered
// with OK is durable. ResourceExhausted: the disk is full. DataLoss: what was stored cannot be read.
class FleetStore {
 public:
  virtual ~FleetStore() = default;

  // This coordinator's identity: made with its state, the same for ever after.
  virtual absl::StatusOr<std::string> CoordinatorUuid() = 0;

  // More than ever before, and no less than the clock's seconds since 1970, so that a journal that was lost or put back
  // does not make its coordinator an old one. Durable before it is returned: two starts never share an epoch. A full
  // disk does not stop it while the reserve for undo lasts, because a coordinator that cannot start cannot undo.
  virtual absl::StatusOr<uint64_t> NextEpoch() = 0;

  // Replaces the earlier description of the same cluster. InvalidArgument: it names no cluster.
  virtual absl::Status StoreDescription(const v1::ClusterDescription& description) = 0;

  // The last one of every cluster, by name.
  virtual absl::StatusOr<std::vector<v1::ClusterDescription>> Descriptions() = 0;

  // What a mutation was answered, so that its repetition gets the same answer. `key` is the request id together with
  // whatever else must agree (method, caller); 1 to kLongestRequestKey bytes. Kept for kStoredAnswerLifetime and for
  // the newest kMostStoredAnswers requests. InvalidArgument: key or answer has no acceptable size.
  virtual absl::Status RememberAnswer(const std::string& key, const std::string& answer) = 0;

  // nullopt: never answered, or too long ago.
  virtual absl::StatusOr<std::optional<std::string>> FindAnswer(const std::string& key) = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_FLEET_STORE_H_
