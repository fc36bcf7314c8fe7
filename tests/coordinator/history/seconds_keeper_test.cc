#include "coordinator/history/seconds_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/drill/traffic_rows.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/journal/memory_history_store.h"

namespace jettyfleet {
namespace {

class FakeProbe final : public TrafficProbe {
 public:
  std::vector<v1::TrafficSecond> rows;

  absl::Status Start(const v1::TrafficDescription&) override { return absl::OkStatus(); }
  void EnterWindow(const std::string&) override {}
  void Stop() override {}
  TrafficView Snapshot() const override { return {}; }
  std::vector<v1::TrafficSecond> Seconds() const override { return rows; }
};

std::vector<v1::TrafficSecond> Rows(int64_t first, int count) {
  std::vector<v1::TrafficSecond> rows(count);
  for (int i = 0; i < count; ++i) {
    rows[i].mutable_at()->set_seconds(first + i);
    rows[i].set_seconds(1);
    rows[i].set_requests(1);
  }
  return rows;
}

class SecondsKeeperTest : public testing::Test {
 protected:
  std::size_t Stored() { return store_.seconds["d-1"].size(); }

  MemoryHistoryStore store_;
  FakeClock clock_;
  FakeProbe probe_;
  SecondsKeeper keeper_{store_, clock_};
};

TEST_F(SecondsKeeperTest, KeepsEverySoOftenAndAtTheEnd) {
  probe_.rows = Rows(100, 1);
  keeper_.Keep("d-1", probe_);
  EXPECT_EQ(store_.stores, 0);
  clock_.Advance(SecondsKeeper::kInterval);
  keeper_.Keep("d-1", probe_);
  keeper_.Keep("d-1", probe_);
  EXPECT_EQ(store_.stores, 1);
  EXPECT_EQ(Stored(), 1u);
  probe_.rows = Rows(100, 3);
  clock_.Advance(SecondsKeeper::kInterval - absl::Milliseconds(1));
  keeper_.Keep("d-1", probe_);
  EXPECT_EQ(store_.stores, 1);
  keeper_.KeepLast("d-1", probe_);
  EXPECT_EQ(Stored(), 3u);
}

TEST_F(SecondsKeeperTest, WhatAnEarlierCoordinatorCountedStays) {
  store_.seconds["d-1"] = Rows(100, 5);
  keeper_.Resume("d-1");
  EXPECT_EQ(keeper_.Rows(nullptr).size(), 5u);
  probe_.rows = Rows(200, 2);
  keeper_.KeepLast("d-1", probe_);
  ASSERT_EQ(Stored(), 7u);
  EXPECT_EQ(store_.seconds["d-1"][4].at().seconds(), 104);
  EXPECT_EQ(store_.seconds["d-1"][5].at().seconds(), 200);
}

TEST_F(SecondsKeeperTest, AllLivesTogetherAreBounded) {
  store_.seconds["d-1"] = Rows(0, kMostTrafficRows);
  keeper_.Resume("d-1");
  probe_.rows = Rows(10'000, kMostTrafficRows);
  const std::vector<v1::TrafficSecond> rows = keeper_.Rows(&probe_);
  EXPECT_LE(rows.size(), kMostTrafficRows);
  uint64_t requests = 0;
  for (const v1::TrafficSecond& row : rows) requests += row.requests();
  EXPECT_EQ(requests, 2 * kMostTrafficRows);
}

TEST_F(SecondsKeeperTest, AFailureIsSaidOnce) {
  store_.failure = absl::ResourceExhaustedError("disk full");
  testing::internal::CaptureStderr();
  keeper_.KeepLast("d-1", probe_);
  keeper_.KeepLast("d-1", probe_);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, testing::HasSubstr("operation d-1: its traffic second by second is not kept: disk full"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
}

}  // namespace
}  // namespace jettyfleet
