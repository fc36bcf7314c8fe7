#include "coordinator/backup/restore_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "coordinator/backup/restore_command.h"
#include "tests/coordinator/backup/journal_in.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kKept[] = "journal.db.before-20251123T121320Z";  // by FakeClock's time

class RestoreBackupTest : public testing::Test {
 protected:
  RestoreBackupTest() {
    auto journal = JournalIn(state_);
    uuid_ = *journal->fleet_store().CoordinatorUuid();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(journal->fleet_store().NextEpoch().ok());
    EXPECT_TRUE(AppendEvent(*journal, "one").ok());
    EXPECT_TRUE(AppendEvent(*journal, "two").ok());
  }

  // Of the journal as it is now.
  void Backup() {
    auto journal = JournalIn(state_);
    CopyTo(*journal, backup_);
  }
  void Append(const std::string& text) { ASSERT_TRUE(AppendEvent(*JournalIn(state_), text).ok()); }

  absl::StatusOr<RestoredBackup> Restore() { return RestoreBackup(backup_, state_, clock_); }

  // One line that holds `words`; the journal is as before, and nothing else is left.
  void ExpectRefused(absl::StatusCode code, const std::string& words) {
    const auto restored = Restore();
    ASSERT_FALSE(restored.ok());
    EXPECT_EQ(restored.status().code(), code) << restored.status();
    EXPECT_THAT(std::string(restored.status().message()), HasSubstr(words));
    EXPECT_THAT(std::string(restored.status().message()), Not(HasSubstr("\n")));
    EXPECT_THAT(FilesIn(state_), testing::IsSubsetOf({"journal.db", "journal.db-wal", "journal.reserve"}));
  }

  TemporaryDirectory directory_;
  const std::string state_ = directory_ / "state";
  const std::string backup_ = directory_ / "backup";
  FakeClock clock_;
  std::string uuid_;
};

TEST_F(RestoreBackupTest, TheBackupIsTheJournalAndTheOldOneIsKept) {
  Backup();
  Append("three");
  const std::string before = Content(backup_);
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->last_sequence, 2u);
  EXPECT_EQ(restored->kept_as, state_ + "/" + kKept);
  EXPECT_THAT(restored->ended, ElementsAre());
  EXPECT_THAT(FilesIn(state_), ElementsAre("journal.db", kKept, "journal.reserve"));
  EXPECT_EQ(Content(backup_), before) << "a backup can be used again";
  struct stat about = {};
  ASSERT_EQ(stat((state_ + "/journal.db").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  {
    auto journal = JournalIn(state_);
    EXPECT_THAT(Texts(*journal), ElementsAre("one", "two"));
    EXPECT_EQ(*journal->fleet_store().CoordinatorUuid(), uuid_);
  }
  // The old one is whole by itself.
  const std::string old = directory_ / "old";
  std::filesystem::create_directory(old);
  std::filesystem::permissions(old, std::filesystem::perms::owner_all);
  std::filesystem::copy_file(restored->kept_as, old + "/journal.db");
  EXPECT_THAT(Texts(*JournalIn(old)), ElementsAre("one", "two", "three"));
}

// Agents have seen the epochs of the journal that is replaced, and the clock may have been set back since.
TEST_F(RestoreBackupTest, EpochsGoOnFromTheNewerJournal) {
  Backup();
  uint64_t seen = 0;
  for (int i = 0; i < 5; ++i) seen = *JournalIn(state_)->fleet_store().NextEpoch();
  ASSERT_TRUE(Restore().ok());
  EXPECT_EQ(*JournalIn(state_)->database().QueryInt("SELECT epoch FROM identity"), static_cast<int64_t>(seen));
  EXPECT_GT(*JournalIn(state_)->fleet_store().NextEpoch(), seen);
}

TEST_F(RestoreBackupTest, WhatRanIsNotGoneOnWith) {
  {
    auto journal = JournalIn(state_);
    const auto append = [&](const std::string& id, auto fill) {
      v1::JournalRecord record;
      record.set_cluster("blue");
      record.set_operation_id(id);
      fill(&record);
      AppendRecord(*journal, record);
    };
    append("d-1", [](auto* record) { record->mutable_operation_began(); });
    append("d-1", [](auto* record) { record->mutable_operation_ended(); });
    append("d-2", [](auto* record) { record->mutable_operation_began(); });
    append("d-3", [](auto* record) { record->mutable_operation_began(); });
    append("d-3", [](auto* record) { record->mutable_stop_requested(); });
    append("a-1", [](auto* record) { record->mutable_apply_began(); });
    append("a-1", [](auto* record) { record->mutable_apply_ended(); });
    append("a-2", [](auto* record) { record->mutable_apply_began(); });
  }
  Backup();
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_THAT(restored->ended, ElementsAre("a-2", "d-2"));
  std::vector<v1::JournalRecord> added;
  ASSERT_TRUE(JournalIn(state_)
                  ->Read(restored->last_sequence,
                         [&](const v1::JournalRecord& record) {
                           added.push_back(record);
                           return true;
                         })
                  .ok());
  ASSERT_EQ(added.size(), 2u);
  EXPECT_EQ(added[0].operation_id(), "a-2");
  EXPECT_TRUE(added[0].has_apply_ended());
  EXPECT_FALSE(added[0].apply_ended().succeeded());
  EXPECT_EQ(added[1].operation_id(), "d-2");
  EXPECT_EQ(added[1].cluster(), "blue");
  EXPECT_EQ(added[1].stop_requested().cause(), v1::StopRequested::CAUSE_OPERATOR);
  EXPECT_THAT(added[1].stop_requested().reason(), HasSubstr("put back from a backup"));
}

TEST_F(RestoreBackupTest, WhereThereWasNone) {
  Backup();
  std::filesystem::remove_all(state_);
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->kept_as, "");
  EXPECT_THAT(FilesIn(state_), ElementsAre("journal.db"));
  EXPECT_THAT(Texts(*JournalIn(state_)), ElementsAre("one", "two"));
}

TEST_F(RestoreBackupTest, ADamagedJournalIsKeptWithItsLog) {
  Backup();
  std::ofstream(state_ + "/journal.db") << std::string(8192, 'x');
  std::ofstream(state_ + "/journal.db-wal") << "what it had not written back";
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Content(state_ + "/" + kKept), std::string(8192, 'x'));
  EXPECT_EQ(Content(state_ + "/" + kKept + "-wal"), "what it had not written back");
  EXPECT_THAT(Texts(*JournalIn(state_)), ElementsAre("one", "two"));
}

TEST_F(RestoreBackupTest, AnOlderFormatIsBroughtUpToDate) {
  Backup();
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(backup_.c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, "DROP TABLE seconds; PRAGMA user_version = 1", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(connection);
  ASSERT_TRUE(Restore().ok());
  auto journal = JournalIn(state_);
  EXPECT_THAT(Texts(*journal), ElementsAre("one", "two"));
  EXPECT_TRUE(journal->history_store().StoreSeconds("d-1", {}).ok());
}

TEST_F(RestoreBackupTest, ARunningCoordinatorIsLeftAlone) {
  Backup();
  auto running = JournalIn(state_);
  ASSERT_TRUE(AppendEvent(*running, "three").ok());
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "a coordinator uses it: stop it first");
  EXPECT_TRUE(AppendEvent(*running, "four").ok());
  EXPECT_EQ(Texts(*running).size(), 4u);
}

TEST_F(RestoreBackupTest, BadBackups) {
  Backup();
  const std::string good = Content(backup_);
  const auto run = [this](const char* sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(backup_.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(connection);
  };
  std::ofstream(backup_, std::ios::binary) << good.substr(0, good.size() / 2);
  ExpectRefused(absl::StatusCode::kDataLoss, "backup " + backup_ + ": is damaged or cut short");
  std::ofstream(backup_) << "a text";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "is not a database");
  std::ofstream(backup_, std::ios::binary) << good;
  run("PRAGMA user_version = 3");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "has format 3");
  std::ofstream(backup_, std::ios::binary) << good;
  run("UPDATE records SET payload = x'0102' WHERE sequence = 2");
  ExpectRefused(absl::StatusCode::kDataLoss, "record 2 is damaged");
  std::ofstream(backup_, std::ios::binary) << good;
  run("DELETE FROM identity");
  ExpectRefused(absl::StatusCode::kDataLoss, "no identity");
  std::filesystem::remove(backup_);
  ExpectRefused(absl::StatusCode::kNotFound, backup_ + ": cannot be opened");
  std::filesystem::create_directory(backup_);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "is not a regular file");
  EXPECT_THAT(Texts(*JournalIn(state_)), ElementsAre("one", "two"));
}

TEST_F(RestoreBackupTest, NotTheJournalItself) {
  std::filesystem::create_symlink(state_ + "/journal.db", backup_);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "is the journal itself");
}

TEST_F(RestoreBackupTest, TwiceInOneSecondLosesNothing) {
  Backup();
  ASSERT_TRUE(Restore().ok());
  const std::string kept = Content(state_ + "/" + kKept);
  const auto again = Restore();
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(std::string(again.status().message()), HasSubstr("nothing was replaced"));
  EXPECT_EQ(Content(state_ + "/" + kKept), kept);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Restore().ok());
}

TEST_F(RestoreBackupTest, TheCommand) {
  Backup();
  std::ostringstream out;
  std::ostringstream err;
  RestoreCommand command{backup_, state_, [] { return absl::FailedPreconditionError("it is active: stop it"); }};
  EXPECT_EQ(RunRestoreCommand(command, clock_, out, err), 1);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(err.str(), "jettyfleet: it is active: stop it\n");
  EXPECT_FALSE(std::filesystem::exists(state_ + "/" + kKept));
  command.unit_stopped = [] { return absl::OkStatus(); };
  EXPECT_EQ(RunRestoreCommand(command, clock_, out, err), 0);
  EXPECT_EQ(out.str(), "the journal in " + state_ + " is that of " + backup_ +
                           ", up to record 2\n  what was there before is " + state_ + "/" +
                           kKept + "\n  next: systemctl start jettyfleet-coordinator\n");
  command.backup = directory_ / "none";
  err.str("");
  EXPECT_EQ(RunRestoreCommand(command, clock_, out, err), 1);
  EXPECT_THAT(err.str(), testing::MatchesRegex("jettyfleet: .*none: cannot be opened: No such file or directory\n"));
}

}  // namespace
}  // namespace jettyfleet
