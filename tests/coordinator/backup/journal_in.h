// A state directory with a journal, for the tests of backups.
#ifndef JETTYFLEET_TESTS_COORDINATOR_BACKUP_JOURNAL_IN_H_
#define JETTYFLEET_TESTS_COORDINATOR_BACKUP_JOURNAL_IN_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/backup/snapshot_copy.h"
#include "coordinator/journal/sqlite_journal.h"
#include "tests/coordinator/journal/records.h"

namespace jettyfleet {

inline std::unique_ptr<SqliteJournal> JournalIn(const std::string& state) {
  auto journal = SqliteJournal::Open(state);
  EXPECT_TRUE(journal.ok()) << journal.status();
  return journal.ok() ? *std::move(journal) : nullptr;
}

inline void AppendRecord(Journal& journal, v1::JournalRecord record) {
  std::vector<v1::JournalRecord> records = {std::move(record)};
  EXPECT_TRUE(journal.Append(&records, RecordUse::kOrdinary).ok());
}

// A whole copy, as `jettyfleet backup` brings it.
inline void CopyTo(SqliteJournal& journal, const std::string& path) {
  auto copy = SnapshotCopy::Begin(journal.database(), path);
  ASSERT_TRUE(copy.ok()) << copy.status();
  for (;;) {
    const absl::StatusOr<bool> complete = (*copy)->Step();
    ASSERT_TRUE(complete.ok()) << complete.status();
    if (*complete) return;
  }
}

inline std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_BACKUP_JOURNAL_IN_H_
