#include "coordinator/journal/sqlite_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <limits>

#include "tests/coordinator/journal/records.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// From outside, while no journal has the file open.
void ExecuteOn(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
  sqlite3_close(connection);
}

class SqliteJournalTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteJournal> Open() {
    auto journal = SqliteJournal::Open(state_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    return journal.ok() ? *std::move(journal) : nullptr;
  }

  TemporaryDirectory directory_;
  const std::string state_ = directory_ / "state";
  const std::string file_ = state_ + "/journal.db";
};

TEST_F(SqliteJournalTest, NumbersRecordsInOrderAndAcrossOpenings) {
  auto journal = Open();
  EXPECT_EQ(journal->LastSequence(), 0u);
  std::vector<v1::JournalRecord> records = {Event("a"), Event("b")};
  ASSERT_TRUE(journal->Append(&records, RecordUse::kOrdinary).ok());
  EXPECT_EQ(records[0].sequence(), 1u);
  EXPECT_EQ(records[1].sequence(), 2u);
  EXPECT_EQ(records[1].schema(), kJournalSchema);
  journal.reset();
  journal = Open();
  EXPECT_EQ(journal->LastSequence(), 2u);
  ASSERT_TRUE(AppendEvent(*journal, "c", RecordUse::kUndo).ok());
  EXPECT_EQ(journal->LastSequence(), 3u);
  EXPECT_THAT(Texts(*journal), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Texts(*journal, 2), ElementsAre("c"));
  EXPECT_THAT(Texts(*journal, 3), IsEmpty());
  EXPECT_THAT(Texts(*journal, std::numeric_limits<uint64_t>::max()), IsEmpty());
}

TEST_F(SqliteJournalTest, KeepsEveryFieldOfARecord) {
  auto journal = Open();
  v1::JournalRecord written = Event("text", "op-1");
  written.set_who("operator alice");
  written.set_why("because");
  written.mutable_at()->set_nanos(123456789);
  std::vector<v1::JournalRecord> records = {written};
  ASSERT_TRUE(journal->Append(&records, RecordUse::kOrdinary).ok());
  written.set_sequence(1);
  written.set_schema(kJournalSchema);
  ASSERT_TRUE(journal
                  ->Read(0,
                         [&](const v1::JournalRecord& read) {
                           EXPECT_EQ(read.SerializeAsString(), written.SerializeAsString());
                           return true;
                         })
                  .ok());
}

TEST_F(SqliteJournalTest, ReadsOneOperation) {
  auto journal = Open();
  std::vector<v1::JournalRecord> records = {Event("a", "op-1"), Event("b", "op-2"), Event("c"), Event("d", "op-1")};
  ASSERT_TRUE(journal->Append(&records, RecordUse::kOrdinary).ok());
  std::vector<uint64_t> read;
  const auto visit = [&](const v1::JournalRecord& record) {
    read.push_back(record.sequence());
    return true;
  };
  ASSERT_TRUE(journal->ReadOperation("op-1", visit).ok());
  EXPECT_THAT(read, ElementsAre(1, 4));
  read.clear();
  ASSERT_TRUE(journal->ReadOperation("op-3", visit).ok());
  EXPECT_THAT(read, IsEmpty());
  EXPECT_EQ(journal->ReadOperation("", visit).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SqliteJournalTest, StopsWhenTheVisitorHasEnough) {
  auto journal = Open();
  std::vector<v1::JournalRecord> records = {Event("a"), Event("b"), Event("c")};
  ASSERT_TRUE(journal->Append(&records, RecordUse::kOrdinary).ok());
  int visits = 0;
  ASSERT_TRUE(journal->Read(0, [&](const v1::JournalRecord&) { return ++visits < 2; }).ok());
  EXPECT_EQ(visits, 2);
}

TEST_F(SqliteJournalTest, AVisitorMayAppend) {
  auto journal = Open();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(AppendEvent(*journal, std::string(5000, 'x')).ok());
  int visits = 0;
  ASSERT_TRUE(journal
                  ->Read(0,
                         [&](const v1::JournalRecord&) {
                           ++visits;
                           const absl::Status appended = AppendEvent(*journal, "meanwhile");
                           EXPECT_TRUE(appended.ok()) << appended;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(visits, 300);
  EXPECT_EQ(journal->LastSequence(), 600u);
}

TEST_F(SqliteJournalTest, ARefusedBatchLeavesNothing) {
  auto journal = Open();
  std::vector<v1::JournalRecord> without_kind = {Event("a"), v1::JournalRecord()};
  EXPECT_EQ(journal->Append(&without_kind, RecordUse::kOrdinary).code(), absl::StatusCode::kInvalidArgument);
  std::vector<v1::JournalRecord> too_large = {Event("a"), Event(std::string(kLargestRecordBytes, 'x'))};
  EXPECT_EQ(journal->Append(&too_large, RecordUse::kUndo).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(too_large[0].sequence(), 0u);
  std::vector<v1::JournalRecord> none;
  EXPECT_TRUE(journal->Append(&none, RecordUse::kOrdinary).ok());
  EXPECT_EQ(journal->LastSequence(), 0u);
}

TEST_F(SqliteJournalTest, ADamagedRecordIsNamed) {
  const struct {
    const char* what;
    const char* sql;
    const char* message;
  } kCases[] = {
      {"one byte changed",
       "UPDATE records SET payload = substr(payload, 1, length(payload) - 1) || 'x' WHERE sequence = 2",
       "record 2 is damaged"},
      {"empty", "UPDATE records SET payload = '' WHERE sequence = 2", "record 2 is damaged"},
      {"wrong type", "UPDATE records SET payload = 7 WHERE sequence = 2", "record 2 is damaged"},
      {"under another number", "UPDATE records SET sequence = 9 WHERE sequence = 3", "record 9 is damaged"},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    TemporaryDirectory directory;
    {
      auto journal = SqliteJournal::Open(directory.path());
      ASSERT_TRUE(journal.ok());
      for (const char* const text : {"a", "b", "c"}) ASSERT_TRUE(AppendEvent(**journal, text).ok());
    }
    ExecuteOn(directory / "journal.db", test.sql);
    auto journal = SqliteJournal::Open(directory.path());
    ASSERT_TRUE(journal.ok()) << journal.status();
    const absl::Status read = (*journal)->Read(0, [](const v1::JournalRecord&) { return true; });
    EXPECT_EQ(read.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(read.message()), HasSubstr(test.message));
  }
}

TEST_F(SqliteJournalTest, TheLogStaysShort) {
  auto journal = Open();
  off_t longest = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(AppendEvent(*journal, std::string(4000, 'x')).ok());
    struct stat about;
    ASSERT_EQ(stat((file_ + "-wal").c_str(), &about), 0);
    longest = std::max(longest, about.st_size);
  }
  EXPECT_LT(longest, 2 << 20);
}

}  // namespace
}  // namespace jettyfleet
