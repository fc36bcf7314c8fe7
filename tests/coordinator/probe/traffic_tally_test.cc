#include "coordinator/probe/traffic_tally.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

using enum SessionVerdict;

absl::Duration Ms(int64_t ms) { return absl::Milliseconds(ms); }

class TrafficTallyTest : public testing::Test {
 protected:
  // Due at `due` and sent; returns its window.
  std::string Send(int64_t due) {
    std::string window = tally_.Due(Ms(due));
    tally_.Sent();
    return window;
  }
  void Succeed(const std::string& window, int64_t due, int64_t now, SessionVerdict verdict = kKept, int user = 0,
               const std::string& node = "") {
    tally_.Succeeded(window, user, Ms(due), Ms(now), verdict, node);
  }
  v1::TrafficSummary At(int64_t now, const std::string& window = "") const {
    return tally_.Snapshot(Ms(now)).windows.at(window);
  }

  TrafficTally tally_{3};
};

TEST_F(TrafficTallyTest, LatencyCountsFromWhenARequestWasDue) {
  const std::string window = Send(100);
  Succeed(window, 100, 350);
  EXPECT_EQ(At(400).max_us(), 250'000u);
  EXPECT_EQ(At(400).p50_us(), 250'000u);
}

TEST_F(TrafficTallyTest, AnswersAreCountedByTheNodeThatTheyTell) {
  tally_.EnterWindow("a", Ms(0));
  Succeed(Send(10), 10, 15, kKept, 0, "node-01");
  Succeed(Send(20), 20, 50, kKept, 0, "node-02");
  Succeed(Send(30), 30, 35, kKept, 0, "node-01");
  Succeed(Send(40), 40, 45);
  const v1::TrafficSummary a = At(60, "a");
  ASSERT_EQ(a.by_node_size(), 2);
  EXPECT_EQ(a.by_node().at("node-01").answers(), 2u);
  EXPECT_EQ(a.by_node().at("node-01").p50_us(), 5'000u);
  EXPECT_EQ(a.by_node().at("node-02").p99_us(), 30'000u);
  EXPECT_EQ(At(60).by_node_size(), 2);
}

TEST_F(TrafficTallyTest, AnswersThatTellAnythingDoNotFillTheMemory) {
  for (int i = 0; i < 100; ++i) Succeed(Send(i), i, i + 1, kKept, 0, absl::StrCat("node-", i));
  EXPECT_EQ(At(200).by_node_size(), 32);
  Succeed(Send(200), 200, 201, kKept, 0, "node-0");
  EXPECT_EQ(At(300).by_node().at("node-0").answers(), 2u) << "those that are known go on";
}

TEST_F(TrafficTallyTest, ARequestBelongsToTheWindowThatItBeganIn) {
  tally_.EnterWindow("a", Ms(0));
  const std::string of_a = Send(10);
  tally_.EnterWindow("b", Ms(15));
  const std::string of_b = Send(20);
  tally_.EnterWindow("", Ms(25));
  const std::string of_none = Send(30);
  tally_.Failed(of_a, RequestFailure::kTimeout);
  Succeed(of_b, 20, 40);
  tally_.Failed(of_none, RequestFailure::kReset);
  EXPECT_EQ(At(50, "a").requests(), 1u);
  EXPECT_EQ(At(50, "a").failures(), 1u);
  EXPECT_EQ(At(50, "b").requests(), 1u);
  EXPECT_EQ(At(50, "b").failures(), 0u);
  EXPECT_EQ(At(50).requests(), 3u);
  EXPECT_EQ(At(50).failures(), 2u);
  EXPECT_EQ(At(50).failures_by_kind().at("timeout"), 1u);
  EXPECT_EQ(At(50).failures_by_kind().at("reset"), 1u);
}

TEST_F(TrafficTallyTest, AWindowEnteredAgainGoesOn) {
  for (const char* const window : {"a", "b", "a"}) {
    tally_.EnterWindow(window, Ms(0));
    Send(1);
  }
  EXPECT_EQ(At(5, "a").requests(), 2u);
}

TEST_F(TrafficTallyTest, TheNumberOfWindowsIsBounded) {
  for (int i = 0; i < 1000; ++i) {
    tally_.EnterWindow(absl::StrCat("w", i), Ms(i));
    const std::string window = Send(i);
    Succeed(window, i, i + 1);
  }
  EXPECT_EQ(tally_.Snapshot(Ms(1000)).windows.size(), kMostWindows + 1);
  EXPECT_EQ(At(1000).requests(), 1000u);
}

TEST_F(TrafficTallyTest, NotSentIsNoRequest) {
  tally_.EnterWindow("a", Ms(0));
  tally_.Due(Ms(1));
  tally_.NotSent();
  EXPECT_EQ(At(5, "a").not_sent(), 1u);
  EXPECT_EQ(At(5).not_sent(), 1u);
  EXPECT_EQ(At(5).requests(), 0u);
}

TEST_F(TrafficTallyTest, AGapRunsFromTheFirstRequestDueToTheNextSuccess) {
  Succeed(Send(0), 0, 5);
  EXPECT_EQ(At(1000).longest_gap_ms(), 5u) << "nothing was due since: no gap";
  tally_.Failed(Send(1000), RequestFailure::kStatus5xx);
  tally_.Due(Ms(1100));
  tally_.NotSent();
  EXPECT_EQ(At(1500).longest_gap_ms(), 500u) << "it is still going on";
  Succeed(Send(2000), 2000, 2300);
  EXPECT_EQ(At(9000).longest_gap_ms(), 1300u);
  Succeed(Send(9000), 9000, 9010);
  EXPECT_EQ(At(9020).longest_gap_ms(), 1300u) << "the longest stays";
}

TEST_F(TrafficTallyTest, AGapIsCutAtTheWindowsEnds) {
  const std::string before = Send(0);
  tally_.EnterWindow("a", Ms(100));
  Send(200);
  tally_.EnterWindow("b", Ms(600));
  EXPECT_EQ(At(5000, "a").longest_gap_ms(), 400u) << "it was left during the gap";
  EXPECT_EQ(At(5000, "b").longest_gap_ms(), 0u) << "nothing was due in it";
  Send(700);
  Succeed(before, 0, 1000);
  EXPECT_EQ(At(5000, "b").longest_gap_ms(), 300u) << "a success of an earlier window ends it as well";
  EXPECT_EQ(At(5000).longest_gap_ms(), 1000u);
}

TEST_F(TrafficTallyTest, TheEndEndsAGap) {
  tally_.EnterWindow("a", Ms(0));
  Send(0);
  tally_.Finish(Ms(50));
  EXPECT_EQ(At(5000).longest_gap_ms(), 50u);
  EXPECT_EQ(At(5000, "a").longest_gap_ms(), 50u);
}

TEST_F(TrafficTallyTest, KeptCountsUsersAndTheRestCountsEvents) {
  // Three users, one story each.
  Succeed("", 0, 1, kEstablished, 0);
  Succeed("", 0, 1, kEstablished, 1);
  tally_.EnterWindow("a", Ms(2));
  Succeed("a", 2, 3, kKept, 0);
  Succeed("a", 2, 3, kMoved, 0);
  Succeed("a", 2, 3, kMoved, 0);
  Succeed("a", 2, 3, kKept, 1);
  Succeed("a", 2, 3, kRegressed, 1);
  Succeed("a", 2, 3, kRegressed, 1);
  Succeed("a", 2, 3, kEstablished, 2);
  tally_.EnterWindow("b", Ms(4));
  Succeed("b", 4, 5, kKept, 1);
  Succeed("b", 4, 5, kLost, 2);
  Succeed("b", 4, 5, kKept, 2);
  const v1::TrafficSummary a = At(9, "a");
  EXPECT_EQ(a.sessions_kept(), 1u) << "user 1's went back, and user 2's has nothing before it";
  EXPECT_EQ(a.sessions_moved(), 2u);
  EXPECT_EQ(a.sessions_regressed(), 2u);
  EXPECT_EQ(a.sessions_lost(), 0u);
  const v1::TrafficSummary b = At(9, "b");
  EXPECT_EQ(b.sessions_kept(), 1u) << "user 1's lived through this window";
  EXPECT_EQ(b.sessions_lost(), 1u);
  EXPECT_EQ(At(9).sessions_kept(), 1u);
}

}  // namespace
}  // namespace jettyfleet
