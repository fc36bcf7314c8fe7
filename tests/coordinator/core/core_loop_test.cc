#include "coordinator/core/core_loop.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace jettyfleet {
namespace {

TEST(CoreLoop, RunsPostedCallsInOrderOnItsThread) {
  CoreLoop loop(SystemClock());
  std::vector<int> seen;
  std::thread::id ran_on;
  std::thread poster([&] {
    for (int i = 0; i < 100; ++i) loop.Post([&seen, i] { seen.push_back(i); });
    loop.Post([&] {
      ran_on = std::this_thread::get_id();
      loop.Stop();
    });
  });
  loop.Run();
  poster.join();
  ASSERT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[i], i);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(CoreLoop, TimersRunInTheOrderOfTheirTimes) {
  CoreLoop loop(SystemClock());
  std::vector<int> seen;
  loop.PostAfter(absl::Milliseconds(20), [&] {
    seen.push_back(2);
    loop.Stop();
  });
  loop.PostAfter(absl::Milliseconds(5), [&] { seen.push_back(1); });
  loop.PostAfter(absl::ZeroDuration(), [&] { seen.push_back(0); });
  loop.Run();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2}));
}

TEST(CoreLoop, StopDropsWhatIsQueued) {
  CoreLoop loop(SystemClock());
  bool later = false;
  loop.Post([&] { loop.Stop(); });
  loop.PostAfter(absl::Seconds(60), [&] { later = true; });
  loop.Run();
  EXPECT_FALSE(later);
}

}  // namespace
}  // namespace jettyfleet
