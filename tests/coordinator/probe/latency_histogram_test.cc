#include "coordinator/probe/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace jettyfleet {
namespace {

TEST(LatencyHistogramTest, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max_us(), 0u);
  EXPECT_EQ(histogram.QuantileUs(0.99), 0u);
}

TEST(LatencyHistogramTest, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (int us = 0; us < 64; ++us) histogram.Add(absl::Microseconds(us));
  EXPECT_EQ(histogram.QuantileUs(0.5), 31u);
  EXPECT_EQ(histogram.QuantileUs(0), 0u);
  EXPECT_EQ(histogram.QuantileUs(1), 63u);
}

TEST(LatencyHistogramTest, EveryValueIsWithinAThirtySecond) {
  for (const uint64_t us :
       {64u, 65u, 127u, 128u, 1000u, 4095u, 4096u, 999'999u, 5'000'000u, 0x7fffffffu, 0xffffffffu}) {
    LatencyHistogram histogram;
    histogram.Add(absl::Microseconds(us));
    histogram.Add(absl::Microseconds(0xffffffffu));  // so that the maximum does not cut the bucket's end
    const uint64_t quantile = histogram.QuantileUs(0.5);
    EXPECT_GE(quantile, us);
    EXPECT_LE(quantile, us + us / 32) << us;
  }
}

// Against sorting, which is what a quantile is.
TEST(LatencyHistogramTest, QuantilesAgreeWithSorting) {
  LatencyHistogram histogram;
  std::vector<uint64_t> values;
  uint64_t state = 1;
  for (int i = 0; i < 5000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    values.push_back((state >> 33) % (uint64_t{1} << (8 + i % 16)));
    histogram.Add(absl::Microseconds(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const uint64_t exact = values[static_cast<std::size_t>(share * 5000) - 1];
    EXPECT_GE(histogram.QuantileUs(share), exact) << share;
    EXPECT_LE(histogram.QuantileUs(share), exact + exact / 32 + 1) << share;
  }
  EXPECT_EQ(histogram.max_us(), values.back());
  EXPECT_EQ(histogram.QuantileUs(1), values.back());
}

TEST(LatencyHistogramTest, WhatDoesNotFitIsTheNearestThatDoes) {
  LatencyHistogram histogram;
  histogram.Add(absl::Microseconds(-5));
  EXPECT_EQ(histogram.max_us(), 0u);
  histogram.Add(absl::Hours(20));
  histogram.Add(absl::InfiniteDuration());
  EXPECT_EQ(histogram.max_us(), 0xffffffffu);
  EXPECT_EQ(histogram.count(), 3u);
}

}  // namespace
}  // namespace jettyfleet
