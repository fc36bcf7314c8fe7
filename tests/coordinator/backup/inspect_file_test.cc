#include "coordinator/backup/inspect_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/coordinator/backup/journal_in.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void RunSql(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
  sqlite3_close(connection);
}

TEST(InspectFileTest, WhatIsNoWholeJournalOfOurs) {
  const struct {
    const char* what;
    std::function<void(const std::string& path)> spoil;
    absl::StatusCode code;
    const char* words;
  } cases[] = {
      {"empty", [](const std::string& path) { std::filesystem::resize_file(path, 0); },
       absl::StatusCode::kFailedPrecondition, "is empty or another program's"},
      {"text", [](const std::string& path) { std::ofstream(path) << std::string(9000, 'x'); },
       absl::StatusCode::kFailedPrecondition, "is not a database"},
      {"another program's", [](const std::string& path) { RunSql(path, "PRAGMA application_id = 7"); },
       absl::StatusCode::kFailedPrecondition, "another program's database"},
      {"newer format", [](const std::string& path) { RunSql(path, "PRAGMA user_version = 3"); },
       absl::StatusCode::kFailedPrecondition, "has format 3; this jettyfleet knows 1 to 2"},
      {"no format", [](const std::string& path) { RunSql(path, "PRAGMA user_version = 0"); },
       absl::StatusCode::kFailedPrecondition, "has format 0"},
      {"cut in the middle of a page",
       [](const std::string& path) { std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1000); },
       absl::StatusCode::kDataLoss, "is damaged or cut short"},
      {"cut after a page",
       [](const std::string& path) { std::filesystem::resize_file(path, std::filesystem::file_size(path) - 8192); },
       absl::StatusCode::kDataLoss, "is damaged or cut short"},
      {"only the first page is left", [](const std::string& path) { std::filesystem::resize_file(path, 4096); },
       absl::StatusCode::kDataLoss, "is damaged or cut short"},
      {"not even the header", [](const std::string& path) { std::filesystem::resize_file(path, 50); },
       absl::StatusCode::kFailedPrecondition, "is empty or another program's database"},
      {"noise in a page",
       [](const std::string& path) {
         std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
         file.seekp(3 * 4096);
         file << std::string(4096, '\xa5');
       },
       absl::StatusCode::kDataLoss, "is damaged or cut short"},
      {"a table is gone", [](const std::string& path) { RunSql(path, "DROP TABLE records"); },
       absl::StatusCode::kUnavailable, "no such table"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const TemporaryDirectory directory;
    const std::string path = directory / "back?up #1%.db";
    auto journal = JournalIn(directory / "state");
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(AppendEvent(*journal, std::string(5000, 'x')).ok());
    CopyTo(*journal, path);
    ASSERT_TRUE(InspectJournalFile(path, path).ok());
    c.spoil(path);
    const auto facts = InspectJournalFile(path, "NAME");
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.status().code(), c.code) << facts.status();
    const std::string message(facts.status().message());
    EXPECT_THAT(message, StartsWith("backup NAME: "));
    EXPECT_THAT(message, HasSubstr(c.words));
    EXPECT_THAT(message, Not(HasSubstr("\n")));
  }
}

TEST(InspectFileTest, NoSuchFile) {
  const auto facts = InspectJournalFile("/no/such/file", "NAME");
  EXPECT_EQ(facts.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(facts.status().message()), HasSubstr("cannot be read"));
}

TEST(InspectFileTest, LeavesNothingBesideIt) {
  const TemporaryDirectory directory;
  auto journal = JournalIn(directory / "state");
  CopyTo(*journal, directory / "a");
  std::filesystem::create_directory(directory / "alone");
  std::filesystem::rename(directory / "a", directory / "alone/a");
  EXPECT_TRUE(InspectJournalFile(directory / "alone/a", "a").ok());
  EXPECT_THAT(FilesIn(directory / "alone"), testing::ElementsAre("a"));
}

}  // namespace
}  // namespace jettyfleet
