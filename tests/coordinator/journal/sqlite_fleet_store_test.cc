#include "coordinator/journal/sqlite_fleet_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "coordinator/journal/sqlite_journal.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class SettableClock final : public Clock {
 public:
  absl::Time WallNow() const override { return now; }
  absl::Duration MonotonicNow() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
};

class SqliteFleetStoreTest : public testing::Test {
 protected:
  SqliteFleetStoreTest() { Reopen(); }

  void Reopen() {
    journal_.reset();
    auto journal = SqliteJournal::Open(directory_.path(), clock_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }
  FleetStore& store() { return journal_->fleet_store(); }

  SettableClock clock_;
  TemporaryDirectory directory_;
  std::unique_ptr<SqliteJournal> journal_;
};

TEST_F(SqliteFleetStoreTest, TheUuidStays) {
  const std::string uuid = *store().CoordinatorUuid();
  EXPECT_THAT(uuid, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(*store().CoordinatorUuid(), uuid);
  Reopen();
  EXPECT_EQ(*store().CoordinatorUuid(), uuid);
  TemporaryDirectory other;
  EXPECT_NE(*(*SqliteJournal::Open(other.path()))->fleet_store().CoordinatorUuid(), uuid);
}

TEST_F(SqliteFleetStoreTest, EpochsOnlyRise) {
  EXPECT_EQ(*store().NextEpoch(), 1'700'000'000u);
  EXPECT_EQ(*store().NextEpoch(), 1'700'000'001u) << "twice in a second";
  Reopen();
  EXPECT_EQ(*store().NextEpoch(), 1'700'000'002u);
  clock_.now += absl::Hours(1);
  EXPECT_EQ(*store().NextEpoch(), 1'700'003'600u);
  clock_.now -= absl::Hours(2);
  EXPECT_EQ(*store().NextEpoch(), 1'700'003'601u) << "a clock that was set back";
}

TEST_F(SqliteFleetStoreTest, ALostJournalMakesNoOldCoordinator) {
  const uint64_t obeyed = *store().NextEpoch();
  clock_.now += absl::Seconds(5);
  TemporaryDirectory other;
  EXPECT_GT(*(*SqliteJournal::Open(other.path(), clock_))->fleet_store().NextEpoch(), obeyed);
}

TEST_F(SqliteFleetStoreTest, TheLastDescriptionOfEachClusterIsKept) {
  v1::ClusterDescription description;
  EXPECT_EQ(store().StoreDescription(description).code(), absl::StatusCode::kInvalidArgument);
  for (const char* const cluster : {"green", "blue", "green"}) {
    description.set_cluster(cluster);
    description.add_nodes("node-01");
    ASSERT_TRUE(store().StoreDescription(description).ok());
  }
  Reopen();
  const auto descriptions = store().Descriptions();
  ASSERT_TRUE(descriptions.ok());
  ASSERT_EQ(descriptions->size(), 2u);
  EXPECT_EQ((*descriptions)[0].cluster(), "blue");
  EXPECT_EQ((*descriptions)[1].cluster(), "green");
  EXPECT_EQ((*descriptions)[1].nodes_size(), 3);
}

TEST_F(SqliteFleetStoreTest, ADamagedDescriptionIsNamed) {
  v1::ClusterDescription description;
  description.set_cluster("blue");
  ASSERT_TRUE(store().StoreDescription(description).ok());
  journal_.reset();
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ / "journal.db").c_str(), &connection), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(connection, "UPDATE descriptions SET payload = x'ffff'", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(connection);
  Reopen();
  const absl::Status status = store().Descriptions().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the description of cluster blue"));
}

TEST_F(SqliteFleetStoreTest, ARepeatedRequestFindsItsAnswer) {
  EXPECT_EQ(*store().FindAnswer("key"), std::nullopt);
  const std::string answer("a\0b", 3);
  ASSERT_TRUE(store().RememberAnswer("key", answer).ok());
  ASSERT_TRUE(store().RememberAnswer("empty", "").ok());
  Reopen();
  EXPECT_EQ(*store().FindAnswer("key"), answer);
  EXPECT_EQ(*store().FindAnswer("empty"), "");
  EXPECT_EQ(*store().FindAnswer("ke"), std::nullopt);
}

TEST_F(SqliteFleetStoreTest, AnswersExpire) {
  ASSERT_TRUE(store().RememberAnswer("old", "1").ok());
  clock_.now += kStoredAnswerLifetime - absl::Seconds(1);
  EXPECT_EQ(*store().FindAnswer("old"), "1");
  clock_.now += absl::Seconds(1);
  EXPECT_EQ(*store().FindAnswer("old"), std::nullopt);
  ASSERT_TRUE(store().RememberAnswer("old", "2").ok());
  EXPECT_EQ(*store().FindAnswer("old"), "2");
}

TEST_F(SqliteFleetStoreTest, OnlyTheNewestAnswersAreKept) {
  // Numbers are made to jump, in place of ten thousand commits.
  ASSERT_TRUE(store().RememberAnswer("first", "1").ok());
  ASSERT_TRUE(store().RememberAnswer("second", "2").ok());
  journal_.reset();
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ / "journal.db").c_str(), &connection), SQLITE_OK);
  const std::string jump = absl::StrCat("INSERT INTO answers (number, key, at_us, answer) VALUES (", kMostStoredAnswers,
                                        ", 'jump', ", absl::ToUnixMicros(clock_.now), ", 'x')");
  ASSERT_EQ(sqlite3_exec(connection, jump.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
  sqlite3_close(connection);
  Reopen();
  ASSERT_TRUE(store().RememberAnswer("newest", "y").ok());
  EXPECT_EQ(*store().FindAnswer("first"), std::nullopt);
  EXPECT_EQ(*store().FindAnswer("second"), "2");
  EXPECT_EQ(*store().FindAnswer("newest"), "y");
}

TEST_F(SqliteFleetStoreTest, SizesAreBounded) {
  const std::string long_key(kLongestRequestKey + 1, 'k');
  EXPECT_EQ(store().RememberAnswer("", "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store().RememberAnswer(long_key, "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store().FindAnswer(long_key).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(store().RememberAnswer("k", std::string(kLargestAnswerBytes, 'x')).ok());
  EXPECT_EQ(store().RememberAnswer("k", std::string(kLargestAnswerBytes + 1, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace jettyfleet
