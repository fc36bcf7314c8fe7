// A killed process and a power cut: what Append answered with OK is there afterwards.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "coordinator/journal/sqlite_journal.h"
#include "tests/coordinator/journal/records.h"
#include "tests/testing/files/temporary_directory.h"

namespace {

// Holds what is durable: the content of every file as it was when it was last synced, without the files that were
// gone when their directory was. Null: nobody keeps it.
const std::string* durable_copy = nullptr;

void Keep(int fd) {
  struct stat about;
  if (durable_copy == nullptr || fstat(fd, &about) != 0) return;
  const std::filesystem::path source = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd));
  if (S_ISREG(about.st_mode)) {
    std::filesystem::copy_file(source, std::filesystem::path(*durable_copy) / source.filename(),
                               std::filesystem::copy_options::overwrite_existing);
  } else if (S_ISDIR(about.st_mode)) {
    for (const auto& entry : std::filesystem::directory_iterator(*durable_copy)) {
      if (!std::filesystem::exists(source / entry.path().filename())) std::filesystem::remove(entry.path());
    }
  }
}

}  // namespace

// SQLite's calls come here, since the program's symbols go before the library's.
extern "C" int fdatasync(int fd) {
  Keep(fd);
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}
extern "C" int fsync(int fd) {
  Keep(fd);
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace jettyfleet {
namespace {

constexpr int kBatch = 3;

// Appends batches for ever and writes the last sequence of each to `out` once it is answered with OK.
[[noreturn]] void AppendForEver(const std::string& state, int out) {
  auto journal = SqliteJournal::Open(state);
  if (!journal.ok()) _exit(1);
  for (;;) {
    std::vector<v1::JournalRecord> records(kBatch, Event(std::string(700, 'x')));
    if (!(*journal)->Append(&records, RecordUse::kOrdinary).ok()) _exit(2);
    const uint64_t last = records.back().sequence();
    if (write(out, &last, sizeof last) != sizeof last) _exit(3);
  }
}

TEST(DurabilityTest, AKilledCoordinatorLosesNothingThatItHadAnswered) {
  TemporaryDirectory directory;
  uint64_t before = 0;
  for (int round = 0; round < 10; ++round) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      AppendForEver(directory.path(), ends[1]);
    }
    close(ends[1]);
    uint64_t answered = before;
    // A different number of batches each round, so that the log's write-back (every 256 pages) is hit as well.
    for (int batches = 0; batches < 40 + 37 * round; ++batches) {
      ASSERT_EQ(read(ends[0], &answered, sizeof answered), static_cast<ssize_t>(sizeof answered));
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    uint64_t more;
    while (read(ends[0], &more, sizeof more) == static_cast<ssize_t>(sizeof more)) answered = more;
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << status;

    auto journal = SqliteJournal::Open(directory.path());
    ASSERT_TRUE(journal.ok()) << journal.status();
    EXPECT_GE((*journal)->LastSequence(), answered);
    // At most the one batch whose answer never came, and that one whole.
    EXPECT_LE((*journal)->LastSequence(), answered + kBatch);
    EXPECT_EQ((*journal)->LastSequence() % kBatch, 0u);
    uint64_t expected = 0;
    EXPECT_TRUE((*journal)
                    ->Read(0,
                           [&](const v1::JournalRecord& record) {
                             EXPECT_EQ(record.sequence(), ++expected);
                             return true;
                           })
                    .ok());
    EXPECT_EQ(expected, (*journal)->LastSequence());
    before = (*journal)->LastSequence();
  }
}

// The power is cut right after each answer: only what had been synced by then is on the disk.
TEST(DurabilityTest, APowerCutLosesNothingThatWasAnswered) {
  TemporaryDirectory directory;
  const std::string durable = directory / "durable";
  std::filesystem::create_directory(durable);
  durable_copy = &durable;
  auto journal = SqliteJournal::Open(directory / "state");
  ASSERT_TRUE(journal.ok()) << journal.status();
  for (int i = 1; i <= 120; ++i) {
    // Large enough that the log is written back several times on the way.
    ASSERT_TRUE(AppendEvent(**journal, std::string(20'000, 'x')).ok());
    auto epoch = (*journal)->fleet_store().NextEpoch();
    ASSERT_TRUE(epoch.ok());
    durable_copy = nullptr;
    const std::string after = directory / "after";
    std::filesystem::copy(durable, after);
    std::filesystem::permissions(after, std::filesystem::perms::owner_all);
    auto reopened = SqliteJournal::Open(after);
    ASSERT_TRUE(reopened.ok()) << reopened.status();
    ASSERT_EQ((*reopened)->LastSequence(), static_cast<uint64_t>(i));
    auto next = (*reopened)->fleet_store().NextEpoch();
    ASSERT_TRUE(next.ok());
    ASSERT_GT(*next, *epoch);
    reopened->reset();
    std::filesystem::remove_all(after);
    durable_copy = &durable;
  }
  durable_copy = nullptr;
}

}  // namespace
}  // namespace jettyfleet
