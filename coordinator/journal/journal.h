// The coordinator's durable memory, behind an interface so that etcd can stand where SQLite does.
#ifndef JETTYFLEET_COORDINATOR_JOURNAL_JOURNAL_H_
#define JETTYFLEET_COORDINATOR_JOURNAL_JOURNAL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/journal.pb.h"

namespace jettyfleet {

inline constexpr uint32_t kJournalSchema = 1;

// What a record is for decides what it may cost: undo records may use the reserve that is kept for a full disk.
enum class RecordUse { kOrdinary, kUndo };

// Core thread only. Calls block for the length of a commit (0.24 ms measured); nothing else in the coordinator may.
class Journal {
 public:
  virtual ~Journal() = default;

  // Appends all or nothing; on OK everything is durable and `sequence` and `schema` are set in each record, in order.
  // ResourceExhausted: the disk is full (kUndo: and so is the reserve). Any error: nothing was appended.
  virtual absl::Status Append(std::vector<v1::JournalRecord>* records, RecordUse use) = 0;

  // Calls `visit` for every record with a sequence above `after`, ascending, until it returns false.
  // DataLoss: a record cannot be parsed or has a newer schema; the message names its sequence.
  virtual absl::Status Read(uint64_t after, const std::function<bool(const v1::JournalRecord&)>& visit) const = 0;

  // The same for one operation.
  virtual absl::Status ReadOperation(const std::string& operation_id,
                                     const std::function<bool(const v1::JournalRecord&)>& visit) const = 0;

  // 0 when empty.
  virtual uint64_t LastSequence() const = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_JOURNAL_JOURNAL_H_
