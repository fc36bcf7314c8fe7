// A disk that is full: ordinary records are refused, undo goes on, and all is as before when there is space again.
// The disk is simulated under SQLite (its calls of the system come here first), because a real one needs root.
#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "coordinator/journal/sqlite_journal.h"
#include "tests/coordinator/journal/records.h"
#include "tests/testing/files/temporary_directory.h"

namespace {

// The directory that is the disk, and what its files may hold together; -1: any amount.
std::string disk;
int64_t disk_bytes = -1;
// What a full disk answers: ENOSPC, or EDQUOT and EFBIG where a limit stands for it.
int full_error = ENOSPC;

int64_t UsedBytes() {
  int64_t used = 0;
  for (const auto& entry : std::filesystem::directory_iterator(disk)) used += static_cast<int64_t>(entry.file_size());
  return used;
}

bool HasRoom(int fd, int64_t end) {
  struct stat about;
  if (disk_bytes < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return true;
  return end <= about.st_size || UsedBytes() + (end - about.st_size) <= disk_bytes;
}

}  // namespace

extern "C" ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  if (!HasRoom(fd, offset + static_cast<int64_t>(size))) {
    errno = full_error;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, data, size, offset);
}
extern "C" int posix_fallocate(int fd, off_t offset, off_t size) {
  if (!HasRoom(fd, offset + size)) return full_error;
  return ftruncate(fd, offset + size) == 0 ? 0 : errno;
}

namespace jettyfleet {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class FullDiskTest : public testing::TestWithParam<int> {
 protected:
  FullDiskTest() {
    disk = directory_.path();
    full_error = GetParam();
  }
  ~FullDiskTest() override { disk_bytes = -1; }

  void Open() {
    auto journal = SqliteJournal::Open(directory_.path());
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }
  // Fills it with ordinary records until no more go in.
  absl::Status Fill() {
    disk_bytes = UsedBytes() + (300 << 10);
    for (;;) {
      if (absl::Status status = AppendEvent(*journal_, std::string(3000, 'x')); !status.ok()) return status;
      ++ordinary_;
    }
  }
  bool HasReserve() const { return std::filesystem::exists(directory_ / "journal.reserve"); }

  TemporaryDirectory directory_;
  std::unique_ptr<SqliteJournal> journal_;
  uint64_t ordinary_ = 0;
};

TEST_P(FullDiskTest, OrdinaryRecordsAreRefusedAndUndoGoesOn) {
  Open();
  const absl::Status full = Fill();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(full.message()),
            "journal " + (directory_ / "journal.db") +
                ": disk full: free space or move it; undo of what is in force still works");
  EXPECT_TRUE(HasReserve()) << "an ordinary record must not use it";
  EXPECT_EQ(journal_->LastSequence(), ordinary_);

  constexpr int kUndos = 100;
  for (int i = 0; i < kUndos; ++i) {
    const absl::Status undo = AppendEvent(*journal_, "undo", RecordUse::kUndo);
    ASSERT_TRUE(undo.ok()) << i << ": " << undo;
    // What undo freed is not for others.
    if (!HasReserve()) {
      ASSERT_EQ(AppendEvent(*journal_, "x").code(), absl::StatusCode::kResourceExhausted) << i;
    }
  }
  EXPECT_FALSE(HasReserve());
  EXPECT_EQ(Texts(*journal_).size(), ordinary_ + kUndos);

  // A start on the full disk takes an epoch and goes on undoing.
  journal_.reset();
  Open();
  EXPECT_TRUE(journal_->fleet_store().NextEpoch().ok());
  EXPECT_TRUE(AppendEvent(*journal_, "undo", RecordUse::kUndo).ok());
  EXPECT_EQ(journal_->LastSequence(), ordinary_ + kUndos + 1);

  disk_bytes = -1;
  EXPECT_TRUE(AppendEvent(*journal_, "space again").ok());
  EXPECT_TRUE(HasReserve());
  EXPECT_EQ(Texts(*journal_).size(), ordinary_ + kUndos + 2);
}

TEST_P(FullDiskTest, AnExhaustedReserveIsSaidAndNothingIsLost) {
  Open();
  Fill().IgnoreError();
  absl::Status status;
  uint64_t undos = 0;
  for (; status.ok() && undos < 2000; ++undos) {
    status = AppendEvent(*journal_, std::string(10'000, 'u'), RecordUse::kUndo);
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the reserve for undo is used up as well"));
  EXPECT_GT(undos, 50u) << "1 MiB must take more than that of 10 kB each";
  EXPECT_EQ(Texts(*journal_).size(), ordinary_ + undos - 1);
  journal_.reset();
  disk_bytes = -1;
  Open();
  EXPECT_EQ(Texts(*journal_).size(), ordinary_ + undos - 1);
}

TEST_P(FullDiskTest, ADiskTooSmallFromTheStartIsOneLine) {
  disk_bytes = 8 << 10;
  const auto journal = SqliteJournal::Open(directory_.path());
  EXPECT_EQ(journal.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(journal.status().message()), EndsWith("disk full: free space or move it"));
}

INSTANTIATE_TEST_SUITE_P(Errors, FullDiskTest, testing::Values(ENOSPC, EDQUOT, EFBIG));

}  // namespace
}  // namespace jettyfleet
