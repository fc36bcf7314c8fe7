// What an operator is told when the journal cannot be opened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "coordinator/journal/sqlite_journal.h"
#include "tests/coordinator/journal/records.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

mode_t ModeOf(const std::string& path) {
  struct stat about = {};
  EXPECT_EQ(lstat(path.c_str(), &about), 0) << path;
  return about.st_mode & 07777;
}

void ExpectRefused(const std::string& state, absl::StatusCode code, const std::string& part) {
  const auto journal = SqliteJournal::Open(state);
  ASSERT_FALSE(journal.ok());
  EXPECT_EQ(journal.status().code(), code) << journal.status();
  const std::string message(journal.status().message());
  EXPECT_THAT(message, HasSubstr("journal " + state));
  EXPECT_THAT(message, HasSubstr(part));
  EXPECT_THAT(message, Not(HasSubstr("\n")));
}

void MakeDatabase(const std::string& state, const std::string& sql) {
  ASSERT_EQ(mkdir(state.c_str(), 0700), 0);
  const mode_t before = umask(0077);
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open((state + "/journal.db").c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(connection);
  umask(before);
}

class SqliteOpenTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string state_ = directory_ / "state";
  const std::string file_ = state_ + "/journal.db";
};

TEST_F(SqliteOpenTest, EverythingIsPrivate) {
  const mode_t before = umask(0);
  const auto journal = SqliteJournal::Open(state_);
  umask(before);
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ(ModeOf(state_), 0700u);
  for (const char* const name : {"/journal.db", "/journal.db-wal", "/journal.reserve"}) {
    EXPECT_EQ(ModeOf(state_ + name), 0600u) << name;
  }
}

TEST_F(SqliteOpenTest, NoSuchParent) {
  ExpectRefused(directory_ / "no/such", absl::StatusCode::kNotFound, "make its parent directory");
}

TEST_F(SqliteOpenTest, NotADirectory) {
  std::ofstream(state_) << "x";
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "is not a directory");
}

TEST_F(SqliteOpenTest, ADirectoryThatOthersWrite) {
  ASSERT_EQ(mkdir(state_.c_str(), 0700), 0);
  ASSERT_EQ(chmod(state_.c_str(), 0770), 0);
  ExpectRefused(state_, absl::StatusCode::kPermissionDenied, "mode 0770");
}

TEST_F(SqliteOpenTest, AFileThatOthersRead) {
  ASSERT_TRUE(SqliteJournal::Open(state_).ok());
  ASSERT_EQ(chmod(file_.c_str(), 0640), 0);
  ExpectRefused(state_, absl::StatusCode::kPermissionDenied, "chmod 600");
}

TEST_F(SqliteOpenTest, ALink) {
  ASSERT_EQ(mkdir(state_.c_str(), 0700), 0);
  std::ofstream(directory_ / "elsewhere") << "";
  ASSERT_EQ(symlink((directory_ / "elsewhere").c_str(), file_.c_str()), 0);
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "is not a regular file");
}

TEST_F(SqliteOpenTest, AnotherOwnersDirectory) {
  // "/" is root's; as root, one given away serves.
  if (geteuid() != 0) return ExpectRefused("/", absl::StatusCode::kPermissionDenied, "belongs to user 0");
  ASSERT_EQ(mkdir(state_.c_str(), 0700), 0);
  ASSERT_EQ(chown(state_.c_str(), 65534, 65534), 0);
  ExpectRefused(state_, absl::StatusCode::kPermissionDenied, "belongs to user 65534");
}

TEST_F(SqliteOpenTest, AReadOnlyDirectory) {
  ASSERT_EQ(mkdir(state_.c_str(), 0700), 0);
  const bool root = geteuid() == 0;
  if (root) {
    // Permissions do not bind root, so the test becomes somebody else for a while.
    ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
    ASSERT_EQ(chown(state_.c_str(), 65534, 65534), 0);
    ASSERT_EQ(seteuid(65534), 0);
  }
  ASSERT_EQ(chmod(state_.c_str(), 0500), 0);
  ExpectRefused(state_, absl::StatusCode::kPermissionDenied, "write access");
  ASSERT_EQ(chmod(state_.c_str(), 0700), 0);
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
}

TEST_F(SqliteOpenTest, NotADatabase) {
  ASSERT_TRUE(SqliteJournal::Open(state_).ok());
  std::ofstream(file_) << std::string(8192, 'x');
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "is not a database: move it away");
}

TEST_F(SqliteOpenTest, AnotherProgramsDatabaseIsLeftAlone) {
  MakeDatabase(state_, "CREATE TABLE cookies (name TEXT); PRAGMA user_version = 1");
  const auto size = std::filesystem::file_size(file_);
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "another program's database");
  EXPECT_EQ(std::filesystem::file_size(file_), size);
  EXPECT_FALSE(std::filesystem::exists(file_ + "-wal"));
}

TEST_F(SqliteOpenTest, ANewerFormat) {
  ASSERT_TRUE(SqliteJournal::Open(state_).ok());
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, "PRAGMA user_version = 3", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(connection);
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "has format 3, written by a newer jettyfleet");
}

TEST_F(SqliteOpenTest, Format1IsBroughtUpToDateAndLosesNothing) {
  {
    auto journal = SqliteJournal::Open(state_);
    ASSERT_TRUE(journal.ok());
    ASSERT_TRUE(AppendEvent(**journal, "before").ok());
  }
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &connection), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(connection, "DROP TABLE seconds; PRAGMA user_version = 1", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(connection);
  auto journal = SqliteJournal::Open(state_);
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_THAT(Texts(**journal), testing::ElementsAre("before"));
  EXPECT_TRUE((*journal)->history_store().StoreSeconds("d-1", {}).ok());
  journal->reset();
  EXPECT_TRUE(SqliteJournal::Open(state_).ok());
}

TEST_F(SqliteOpenTest, ADamagedFile) {
  {
    auto journal = SqliteJournal::Open(state_);
    ASSERT_TRUE(journal.ok());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(AppendEvent(**journal, std::string(1000, 'x')).ok());
  }
  // The header stays; all pages after the first are noise.
  std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(40000, '\xa5');
  file.close();
  ExpectRefused(state_, absl::StatusCode::kDataLoss, "is damaged");
}

TEST_F(SqliteOpenTest, ASecondCoordinatorIsRefusedAndTheFirstGoesOn) {
  auto first = SqliteJournal::Open(state_);
  ASSERT_TRUE(first.ok());
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "in use by another process");
  EXPECT_TRUE(AppendEvent(**first, "still here").ok());
  // The refused one must not have dropped the first one's lock (fcntl locks go with any closed descriptor).
  ExpectRefused(state_, absl::StatusCode::kFailedPrecondition, "in use by another process");
  first->reset();
  EXPECT_TRUE(SqliteJournal::Open(state_).ok());
}

}  // namespace
}  // namespace jettyfleet
