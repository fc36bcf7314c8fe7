#include "coordinator/probe/request_schedule.h"

#include <gtest/gtest.h>

#include <vector>

namespace jettyfleet {
namespace {

TEST(RequestScheduleTest, EveryRequestOfASecondHasItsTimeAndNoneDrifts) {
  for (const uint32_t rate : {1u, 3u, 7u, 50u, 4999u, 5000u}) {
    const absl::Duration start = absl::Seconds(1'000'000);
    RequestSchedule schedule(start, rate);
    absl::Duration due;
    absl::Duration last = start - absl::Seconds(1);
    int64_t count = 0;
    // A minute at once: a late wake-up gets all that it missed.
    while (schedule.TakeDue(start + absl::Minutes(1) - absl::Nanoseconds(1), &due)) {
      ASSERT_GT(due, last);
      ASSERT_LE(absl::AbsDuration(due - start - absl::Seconds(static_cast<double>(count) / rate)),
                absl::Microseconds(1));
      last = due;
      ++count;
    }
    EXPECT_EQ(count, int64_t{60} * rate);
    EXPECT_EQ(schedule.NextDue(), start + absl::Minutes(1));
  }
}

TEST(RequestScheduleTest, NothingIsDueBeforeItsTime) {
  RequestSchedule schedule(absl::Seconds(10), 2);
  absl::Duration due;
  EXPECT_FALSE(schedule.TakeDue(absl::Seconds(10) - absl::Nanoseconds(1), &due));
  EXPECT_TRUE(schedule.TakeDue(absl::Seconds(10), &due));
  EXPECT_EQ(due, absl::Seconds(10));
  EXPECT_FALSE(schedule.TakeDue(absl::Seconds(10), &due));
  EXPECT_EQ(schedule.NextDue(), absl::Milliseconds(10500));
}

}  // namespace
}  // namespace jettyfleet
