#include "coordinator/journal/sqlite_history_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "coordinator/journal/sqlite_journal.h"
#include "tests/coordinator/journal/records.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqliteHistoryStoreTest : public testing::Test {
 protected:
  SqliteHistoryStoreTest() { Reopen(); }

  void Reopen() {
    journal_.reset();
    auto opened = SqliteJournal::Open(state_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
  }

  HistoryStore& store() { return journal_->history_store(); }

  // A record of its kind at so many seconds after 1970.
  template <typename Fill>
  void Append(const std::string& cluster, const std::string& operation_id, int64_t at, Fill fill) {
    std::vector<v1::JournalRecord> records(1);
    records[0].set_cluster(cluster);
    records[0].set_operation_id(operation_id);
    records[0].mutable_at()->set_seconds(at);
    fill(&records[0]);
    ASSERT_TRUE(journal_->Append(&records, RecordUse::kOrdinary).ok());
  }

  std::vector<std::string> Described() {
    const auto operations = store().Operations();
    if (!operations.ok()) return {operations.status().ToString()};
    std::vector<std::string> out;
    for (const KeptOperation& operation : *operations) {
      const char* const kinds[] = {"drill", "rollout", "apply", "route", "act"};
      out.push_back(operation.id + " " + operation.cluster + " " + kinds[static_cast<int>(operation.kind)] + " " +
                    (operation.ended ? "ended " : "open ") + std::to_string(absl::ToUnixSeconds(operation.last_at)) +
                    " #" + std::to_string(operation.last_sequence));
    }
    return out;
  }

  void AppendAFew() {
    Append("blue", "d-1", 100, [](auto* record) { record->mutable_operation_began(); });
    Append("red", "a-1", 110, [](auto* record) { record->mutable_apply_began(); });
    Append("blue", "", 115, [](auto* record) { record->mutable_host_event(); });
    Append("blue", "d-1", 120, [](auto* record) { record->mutable_operation_ended(); });
    Append("blue", "r-1", 130, [](auto* record) { record->mutable_action_issued(); });
    Append("blue", "rt-1", 140, [](auto* record) { record->mutable_route_began(); });
    Append("blue", "rt-1", 150, [](auto* record) { record->mutable_route_ended(); });
    Append("blue", "ro-1", 155, [](auto* record) { record->mutable_operation_began(); });
    Append("blue", "d-2", 160, [](auto* record) { record->mutable_operation_began(); });
    Append("blue", "d-2", 170, [](auto* record) { record->mutable_step_entered(); });
  }

  static std::vector<v1::TrafficSecond> Seconds(int count) {
    std::vector<v1::TrafficSecond> seconds(count);
    for (int i = 0; i < count; ++i) {
      seconds[i].mutable_at()->set_seconds(1000 + i);
      seconds[i].set_requests(i);
    }
    return seconds;
  }

  TemporaryDirectory directory_;
  const std::string state_ = directory_ / "state";
  std::unique_ptr<SqliteJournal> journal_;
};

TEST_F(SqliteHistoryStoreTest, OperationsInTheOrderOfTheirLastRecords) {
  EXPECT_THAT(Described(), ElementsAre());
  AppendAFew();
  EXPECT_THAT(Described(),
              ElementsAre("a-1 red apply open 110 #2", "d-1 blue drill ended 120 #4", "r-1 blue act ended 130 #5",
                          "rt-1 blue route ended 150 #7", "ro-1 blue rollout open 155 #8", "d-2 blue drill open 170 #10"));
}

TEST_F(SqliteHistoryStoreTest, SecondsAreKeptAndReplaced) {
  ASSERT_TRUE(store().StoreSeconds("d-1", Seconds(3)).ok());
  ASSERT_TRUE(store().StoreSeconds("d-2", Seconds(1)).ok());
  ASSERT_TRUE(store().StoreSeconds("d-1", Seconds(5)).ok());
  Reopen();
  const auto found = store().FindSeconds("d-1");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 5u);
  EXPECT_EQ((*found)[4].requests(), 4u);
  EXPECT_EQ(store().FindSeconds("d-2")->size(), 1u);
  EXPECT_EQ(store().FindSeconds("d-3")->size(), 0u);
}

TEST_F(SqliteHistoryStoreTest, SecondsAreBounded) {
  EXPECT_EQ(store().StoreSeconds("", Seconds(1)).code(), absl::StatusCode::kInvalidArgument);
  std::vector<v1::TrafficSecond> huge = Seconds(1);
  (*huge[0].mutable_failures_by_kind())[std::string(kLargestSecondsBytes, 'x')] = 1;
  const absl::Status refused = store().StoreSeconds("d-1", huge);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("d-1"));
  // As many as there can be, with every kind of failure in each and the largest numbers.
  std::vector<v1::TrafficSecond> most = Seconds(7200);
  for (v1::TrafficSecond& second : most) {
    second.mutable_at()->set_seconds(1'795'435'200);
    second.set_seconds(7200);
    second.set_requests(10'000'000);
    second.set_failures(10'000'000);
    second.set_not_sent(10'000'000);
    second.set_p50_us(~0u);
    second.set_p99_us(~0u);
    second.set_max_us(~0u);
    second.set_longest_gap_ms(~0u);
    for (const char* const kind :
         {"connect", "timeout", "reset", "status_4xx", "status_5xx", "malformed", "too_large"}) {
      (*second.mutable_failures_by_kind())[kind] = 10'000'000;
    }
  }
  EXPECT_TRUE(store().StoreSeconds("d-1", most).ok());
}

TEST_F(SqliteHistoryStoreTest, DamagedSecondsAreReported) {
  ASSERT_TRUE(store().StoreSeconds("d-1", Seconds(3)).ok());
  ASSERT_TRUE(journal_->database().Execute("UPDATE seconds SET payload = x'0a00'").ok());
  const auto found = store().FindSeconds("d-1");
  EXPECT_EQ(found.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("d-1 second by second is damaged"));
}

TEST_F(SqliteHistoryStoreTest, RemovedWithItsSeconds) {
  AppendAFew();
  ASSERT_TRUE(store().StoreSeconds("d-1", Seconds(3)).ok());
  ASSERT_TRUE(store().StoreSeconds("d-2", Seconds(3)).ok());
  ASSERT_TRUE(store().Remove({"d-1", "rt-1"}).ok());
  EXPECT_THAT(Described(),
              ElementsAre("a-1 red apply open 110 #2", "r-1 blue act ended 130 #5", "ro-1 blue rollout open 155 #8", "d-2 blue drill open 170 #10"));
  EXPECT_EQ(store().FindSeconds("d-1")->size(), 0u);
  EXPECT_EQ(store().FindSeconds("d-2")->size(), 3u);
  std::vector<uint64_t> left;
  ASSERT_TRUE(journal_
                  ->Read(0,
                         [&](const v1::JournalRecord& record) {
                           left.push_back(record.sequence());
                           return true;
                         })
                  .ok());
  EXPECT_THAT(left, ElementsAre(2, 3, 5, 8, 9, 10)) << "events of no operation stay";
  Reopen();
  EXPECT_EQ(journal_->LastSequence(), 10u);
}

TEST_F(SqliteHistoryStoreTest, TheLastRecordsNumberIsNeverGivenAgain) {
  AppendAFew();
  const absl::Status refused = store().Remove({"d-1", "d-2"});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Described().size(), 6u) << "nothing was removed";
}

TEST_F(SqliteHistoryStoreTest, RemovingNothingRemovesNoEvents) {
  AppendAFew();
  ASSERT_TRUE(store().Remove({""}).ok());
  ASSERT_TRUE(store().Remove({}).ok());
  ASSERT_TRUE(store().Remove({"d-9"}).ok());
  EXPECT_EQ(Described().size(), 6u);
  EXPECT_EQ(Texts(*journal_).size(), 10u);
}

}  // namespace
}  // namespace jettyfleet
