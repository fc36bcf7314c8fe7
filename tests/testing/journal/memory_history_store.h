// A history store in memory that can fail.
#ifndef JETTYFLEET_TESTS_TESTING_JOURNAL_MEMORY_HISTORY_STORE_H_
#define JETTYFLEET_TESTS_TESTING_JOURNAL_MEMORY_HISTORY_STORE_H_

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "coordinator/journal/history_store.h"

namespace jettyfleet {

class MemoryHistoryStore final : public HistoryStore {
 public:
  std::map<std::string, std::vector<v1::TrafficSecond>> seconds;
  std::vector<KeptOperation> operations;
  absl::Status failure;  // of every call
  int stores = 0;

  absl::Status StoreSeconds(const std::string& operation_id, const std::vector<v1::TrafficSecond>& rows) override {
    ++stores;
    if (failure.ok()) seconds[operation_id] = rows;
    return failure;
  }
  absl::StatusOr<std::vector<v1::TrafficSecond>> FindSeconds(const std::string& operation_id) override {
    if (!failure.ok()) return failure;
    return seconds[operation_id];
  }
  absl::StatusOr<std::vector<KeptOperation>> Operations() override {
    if (!failure.ok()) return failure;
    return operations;
  }
  absl::Status Remove(const std::vector<std::string>& operation_ids) override {
    if (!failure.ok()) return failure;
    operations.erase(std::remove_if(operations.begin(), operations.end(),
                                    [&](const KeptOperation& operation) {
                                      return std::find(operation_ids.begin(), operation_ids.end(), operation.id) !=
                                             operation_ids.end();
                                    }),
                     operations.end());
    return absl::OkStatus();
  }
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_JOURNAL_MEMORY_HISTORY_STORE_H_
