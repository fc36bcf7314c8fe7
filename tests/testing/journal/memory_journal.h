// A journal in memory that can be full, and that can "lose power": what it has taken survives the coordinator that
// wrote it, since the test owns it.
#ifndef JETTYFLEET_TESTS_TESTING_JOURNAL_MEMORY_JOURNAL_H_
#define JETTYFLEET_TESTS_TESTING_JOURNAL_MEMORY_JOURNAL_H_

#include <functional>
#include <string>
#include <vector>

#include "coordinator/journal/journal.h"

namespace jettyfleet {

class MemoryJournal final : public Journal {
 public:
  enum class Room { kPlenty, kOnlyReserve, kNone };

  absl::Status Append(std::vector<v1::JournalRecord>* records, RecordUse use) override;
  absl::Status Read(uint64_t after, const std::function<bool(const v1::JournalRecord&)>& visit) const override;
  absl::Status ReadOperation(const std::string& operation_id,
                             const std::function<bool(const v1::JournalRecord&)>& visit) const override;
  uint64_t LastSequence() const override { return records_.size(); }

  void set_room(Room room) { room_ = room; }
  // Called before and after a batch becomes durable. `before` may refuse it, as a crash would.
  void set_before_append(std::function<absl::Status()> before) { before_append_ = std::move(before); }
  void set_after_append(std::function<void(const std::vector<v1::JournalRecord>&)> after) {
    after_append_ = std::move(after);
  }

  const std::vector<v1::JournalRecord>& records() const { return records_; }
  std::vector<v1::JournalRecord> RecordsOf(const std::string& operation_id) const;
  // For planting a bug: a journal that forgets what it promised to keep.
  void ForgetLast() { records_.pop_back(); }

 private:
  Room room_ = Room::kPlenty;
  std::function<absl::Status()> before_append_;
  std::function<void(const std::vector<v1::JournalRecord>&)> after_append_;
  std::vector<v1::JournalRecord> records_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_JOURNAL_MEMORY_JOURNAL_H_
