#include "coordinator/probe/seconds_tally.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/drill/traffic_rows.h"

namespace jettyfleet {
namespace {

constexpr int64_t kStart = 1'795'435'200;  // 2026-11-23 12:00:00 UTC

// Milliseconds count from 0.4 s after a whole second of the wall clock.
absl::Duration Ms(int64_t ms) { return absl::Hours(5) + absl::Milliseconds(ms - 400); }

class SecondsTallyTest : public testing::Test {
 protected:
  static constexpr std::size_t kFewRows = 8;

  void Send(int64_t due) {
    tally_.Due(Ms(due));
    tally_.Sent(Ms(due));
  }
  void Answer(int64_t due, int64_t now) {
    Send(due);
    tally_.Succeeded(Ms(due), Ms(now));
  }
  std::vector<v1::TrafficSecond> At(int64_t now) const { return tally_.Rows(Ms(now)); }
  // Of the second that began so many seconds after kStart.
  v1::TrafficSecond Second(int64_t second, int64_t now) const {
    for (const v1::TrafficSecond& row : At(now)) {
      if (row.at().seconds() == kStart + second) return row;
    }
    ADD_FAILURE() << "no row of second " << second;
    return {};
  }

  SecondsTally tally_{absl::FromUnixSeconds(kStart) + absl::Milliseconds(400), Ms(400), kFewRows};
};

TEST_F(SecondsTallyTest, NothingWasDue) { EXPECT_TRUE(At(5000).empty()); }

TEST_F(SecondsTallyTest, ARequestBelongsToTheSecondInWhichItWasDue) {
  Send(990);
  Send(1010);
  tally_.Failed(Ms(1010), RequestFailure::kReset);
  tally_.Succeeded(Ms(990), Ms(1500));
  ASSERT_EQ(At(1600).size(), 2u);
  EXPECT_EQ(Second(0, 1600).requests(), 1u);
  EXPECT_EQ(Second(0, 1600).failures(), 0u);
  EXPECT_EQ(Second(0, 1600).max_us(), 510'000u);
  EXPECT_EQ(Second(1, 1600).requests(), 1u);
  EXPECT_EQ(Second(1, 1600).failures(), 1u);
  EXPECT_EQ(Second(1, 1600).failures_by_kind().at("reset"), 1u);
  EXPECT_EQ(Second(1, 1600).max_us(), 0u) << "nothing of it was answered";
  EXPECT_EQ(Second(1, 1600).seconds(), 1u);
}

TEST_F(SecondsTallyTest, QuantilesAreOfTheSecondAndStay) {
  for (int i = 0; i < 100; ++i) Answer(i, i + (i < 98 ? 10 : 200));
  const v1::TrafficSecond while_newest = Second(0, 500);
  Answer(1000, 1001);
  const v1::TrafficSecond after = Second(0, 1500);
  EXPECT_EQ(while_newest.SerializeAsString(), after.SerializeAsString());
  EXPECT_NEAR(after.p50_us(), 10'000, 400);
  EXPECT_NEAR(after.p99_us(), 200'000, 7000);
  EXPECT_EQ(after.max_us(), 200'000u);
  EXPECT_EQ(Second(1, 1500).max_us(), 1000u);
}

TEST_F(SecondsTallyTest, NotSentIsNoRequest) {
  tally_.Due(Ms(500));
  tally_.NotSent(Ms(500));
  EXPECT_EQ(Second(0, 600).not_sent(), 1u);
  EXPECT_EQ(Second(0, 600).requests(), 0u);
}

TEST_F(SecondsTallyTest, AGapGrowsFromSecondToSecond) {
  Answer(500, 510);
  for (const int64_t due : {900, 1500, 2500}) {
    Send(due);
    tally_.Failed(Ms(due), RequestFailure::kTimeout);
  }
  EXPECT_EQ(Second(2, 2600).longest_gap_ms(), 1700u) << "it is still going on";
  Answer(3000, 3100);
  Answer(3200, 3210);
  tally_.Finish(Ms(3300));
  const std::map<int64_t, uint32_t> expected = {{0, 100}, {1, 1100}, {2, 2100}, {3, 2200}};
  for (const auto& [second, gap] : expected) EXPECT_EQ(Second(second, 9000).longest_gap_ms(), gap) << second;
}

TEST_F(SecondsTallyTest, TheEndEndsAGap) {
  Send(500);
  tally_.Finish(Ms(700));
  EXPECT_EQ(Second(0, 5000).longest_gap_ms(), 200u);
}

TEST_F(SecondsTallyTest, TheOlderHalfIsMergedTwoByTwo) {
  for (int64_t second = 0; second < 8; ++second) {
    const int64_t due = second * 1000 + 500;
    Answer(due, due + 10 * (second + 1));
    Send(due + 100);
    tally_.Failed(Ms(due + 100), second % 2 == 0 ? RequestFailure::kReset : RequestFailure::kTimeout);
  }
  ASSERT_EQ(At(8000).size(), 8u);
  Answer(8500, 8501);
  const std::vector<v1::TrafficSecond> rows = At(8600);
  ASSERT_EQ(rows.size(), 7u);
  std::string shape;
  for (const v1::TrafficSecond& row : rows) {
    shape += std::to_string(row.at().seconds() - kStart) + "+" + std::to_string(row.seconds()) + " ";
  }
  EXPECT_EQ(shape, "0+2 2+2 4+1 5+1 6+1 7+1 8+1 ");
  EXPECT_EQ(rows[1].requests(), 4u);
  EXPECT_EQ(rows[1].failures(), 2u);
  EXPECT_EQ(rows[1].failures_by_kind().at("reset"), 1u);
  EXPECT_EQ(rows[1].failures_by_kind().at("timeout"), 1u);
  EXPECT_EQ(rows[1].max_us(), 40'000u) << "the greater of 30 and 40 ms";
  EXPECT_EQ(rows[1].p50_us(), 40'000u);
  EXPECT_EQ(rows[1].p99_us(), 40'000u);
  EXPECT_EQ(rows[1].longest_gap_ms(), 940u) << "from 2.6 s, when a request failed, to the next success at 3.54 s";
}

TEST_F(SecondsTallyTest, IsBoundedAndLosesNoRequest) {
  for (int64_t second = 0; second < 1000; ++second) Answer(second * 1000, second * 1000 + 1);
  const std::vector<v1::TrafficSecond> rows = At(1'000'000);
  EXPECT_LE(rows.size(), kFewRows);
  uint64_t requests = 0;
  uint64_t seconds = 0;
  for (const v1::TrafficSecond& row : rows) {
    requests += row.requests();
    seconds += row.seconds();
  }
  EXPECT_EQ(requests, 1000u);
  EXPECT_EQ(seconds, 1000u);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i - 1].at().seconds() + rows[i - 1].seconds(), rows[i].at().seconds());
  }
}

TEST_F(SecondsTallyTest, ASecondWithARequestInFlightIsNotMerged) {
  Send(500);
  for (int64_t second = 1; second <= 8; ++second) Answer(second * 1000, second * 1000 + 1);
  tally_.Succeeded(Ms(500), Ms(8500));
  EXPECT_EQ(At(8600)[0].seconds(), 1u);
  EXPECT_EQ(At(8600)[0].max_us(), 8'000'000u);
}

// Rows of an operation's several lives, put together.
TEST_F(SecondsTallyTest, RowsFromElsewhereAreBoundedLikewise) {
  std::vector<v1::TrafficSecond> rows;
  for (int64_t second = 0; second < 9; ++second) Answer(second * 1000, second * 1000 + 1);
  for (int64_t second = 0; second < 9; ++second) {
    rows.emplace_back();
    rows.back().mutable_at()->set_seconds(kStart + second);
    rows.back().set_seconds(1);
    rows.back().set_requests(1);
  }
  BoundRows(kFewRows, &rows);
  ASSERT_EQ(rows.size(), At(9000).size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].seconds(), At(9000)[i].seconds()) << i;
    EXPECT_EQ(rows[i].requests(), At(9000)[i].requests()) << i;
  }
}

TEST_F(SecondsTallyTest, SecondsInWhichNothingWasDueHaveNoRow) {
  Answer(500, 501);
  Answer(5500, 5501);
  ASSERT_EQ(At(6000).size(), 2u);
  EXPECT_EQ(At(6000)[1].at().seconds(), kStart + 5);
}

}  // namespace
}  // namespace jettyfleet
