#include "coordinator/backup/snapshot_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "coordinator/backup/inspect_file.h"
#include "tests/coordinator/backup/journal_in.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;

class SnapshotCopyTest : public testing::Test {
 protected:
  // The texts in the copy, read as a coordinator would.
  std::vector<std::string> CopiedTexts() {
    const std::string state = directory_ / "copied";
    std::filesystem::create_directory(state);
    std::filesystem::permissions(state, std::filesystem::perms::owner_all);
    std::filesystem::copy_file(path_, state + "/journal.db");
    return Texts(*JournalIn(state));
  }

  TemporaryDirectory directory_;
  const std::string state_ = directory_ / "state";
  const std::string path_ = state_ + "/journal.backup";
  std::unique_ptr<SqliteJournal> journal_ = JournalIn(state_);
};

TEST_F(SnapshotCopyTest, HoldsAllAndTravelsAlone) {
  ASSERT_TRUE(AppendEvent(*journal_, "one").ok());
  ASSERT_TRUE(AppendEvent(*journal_, "two").ok());
  CopyTo(*journal_, path_);
  EXPECT_THAT(FilesIn(state_), ElementsAre("journal.backup", "journal.db", "journal.db-wal", "journal.reserve"));
  struct stat about = {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  const auto facts = InspectJournalFile(path_, path_);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->last_sequence, 2);
  EXPECT_EQ(facts->format, kDatabaseVersion);
  EXPECT_THAT(CopiedTexts(), ElementsAre("one", "two"));
  ASSERT_TRUE(AppendEvent(*journal_, "the journal goes on").ok());
}

// The journal is written to between the steps, also with transactions that fail.
TEST_F(SnapshotCopyTest, IsConsistentWhileTheJournalGoesOn) {
  const std::string large(100'000, 'x');
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(AppendEvent(*journal_, large).ok());
  auto copy = SnapshotCopy::Begin(journal_->database(), path_);
  ASSERT_TRUE(copy.ok()) << copy.status();
  int steps = 0;
  for (;;) {
    const absl::StatusOr<bool> complete = (*copy)->Step();
    ASSERT_TRUE(complete.ok()) << complete.status();
    if (*complete) break;
    ASSERT_TRUE(AppendEvent(*journal_, absl::StrCat("meanwhile ", ++steps)).ok());
    ASSERT_FALSE(AppendEvent(*journal_, std::string(kLargestRecordBytes, 'x')).ok());
    ASSERT_TRUE(journal_->history_store().StoreSeconds("d-1", {}).ok());
  }
  ASSERT_GE(steps, 2) << "nothing was written meanwhile, so nothing was tested";
  const auto facts = InspectJournalFile(path_, path_);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->last_sequence, 30 + steps);
  EXPECT_EQ(CopiedTexts().back(), absl::StrCat("meanwhile ", steps));
}

TEST_F(SnapshotCopyTest, AnUnfinishedOneLeavesNothing) {
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(AppendEvent(*journal_, std::string(100'000, 'x')).ok());
  {
    auto copy = SnapshotCopy::Begin(journal_->database(), path_);
    ASSERT_TRUE(copy.ok());
    ASSERT_FALSE(*(*copy)->Step());
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SnapshotCopyTest, WhatAnEarlierLifeLeftIsReplaced) {
  std::ofstream(path_) << "half a copy";
  std::ofstream(path_ + "-journal") << "x";
  CopyTo(*journal_, path_);
  EXPECT_TRUE(InspectJournalFile(path_, path_).ok());
  EXPECT_FALSE(std::filesystem::exists(path_ + "-journal"));
}

}  // namespace
}  // namespace jettyfleet
