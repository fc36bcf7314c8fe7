#include "coordinator/history/history_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/agent/fake_clock.h"
#include "tests/testing/journal/memory_history_store.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

class HistorySweepTest : public testing::Test {
 protected:
  void Add(int count) {
    for (int i = 0; i < count; ++i) {
      KeptOperation& operation = store_.operations.emplace_back();
      operation.id = absl::StrCat("d-", ++number_);
      operation.kind = KeptOperation::Kind::kDrill;
      operation.ended = true;
      operation.last_at = clock_.WallNow();
      clock_.Advance(absl::Minutes(1));
    }
  }
  // What it says in the log.
  std::string Sweep(absl::Duration again) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(sweep_.Sweep(), again);
    return testing::internal::GetCapturedStderr();
  }

  MemoryHistoryStore store_;
  FakeClock clock_;
  HistorySweep sweep_{store_, {.keep_days = 30, .keep_operations = 500}, clock_};
  int number_ = 0;
};

TEST_F(HistorySweepTest, RemovesWhenItsTimeHasComeAndSaysSoOnce) {
  Add(3);
  EXPECT_EQ(Sweep(HistorySweep::kUsually), "");
  EXPECT_EQ(store_.operations.size(), 3u);
  clock_.Advance(absl::Hours(24) * 30);
  const std::string said = Sweep(HistorySweep::kUsually);
  EXPECT_THAT(said, HasSubstr("history: 2 of 3 operations removed, d-1 to d-2: kept are 30 days and 500 operations"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
  EXPECT_EQ(store_.operations.size(), 1u) << "the newest stays";
  EXPECT_EQ(Sweep(HistorySweep::kUsually), "");
}

TEST_F(HistorySweepTest, ManyGoBitByBit) {
  Add(900);
  EXPECT_THAT(Sweep(HistorySweep::kSoon), HasSubstr("200 of 900 operations removed, d-1 to d-200"));
  EXPECT_THAT(Sweep(HistorySweep::kSoon), HasSubstr("200 of 700"));
  EXPECT_EQ(Sweep(HistorySweep::kUsually), "");
  EXPECT_EQ(store_.operations.size(), 500u);
}

TEST_F(HistorySweepTest, AFailureIsSaidAndTriedAgainLater) {
  Add(3);
  clock_.Advance(absl::Hours(24) * 31);
  store_.failure = absl::ResourceExhaustedError("disk full");
  EXPECT_THAT(Sweep(HistorySweep::kUsually), HasSubstr("disk full"));
  store_.failure = absl::OkStatus();
  EXPECT_THAT(Sweep(HistorySweep::kUsually), HasSubstr("2 of 3"));
}

}  // namespace
}  // namespace jettyfleet
