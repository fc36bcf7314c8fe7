#include "coordinator/probe/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace jettyfleet {

// For value v with n significant bits, n > kStepBits + 1: its kStepBits + 1 leading bits choose the step, n the row.
std::size_t LatencyHistogram::BucketOf(uint32_t us) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(us)) - (kStepBits + 1));
  return static_cast<std::size_t>(shift) * kSteps + (us >> shift);
}

uint32_t LatencyHistogram::EndOf(std::size_t bucket) {
  if (bucket < 2 * kSteps) return static_cast<uint32_t>(bucket);
  const std::size_t shift = bucket / kSteps - 1;
  const uint64_t leading = bucket - shift * kSteps;
  return static_cast<uint32_t>(((leading + 1) << shift) - 1);
}

void LatencyHistogram::Add(absl::Duration latency) {
  const int64_t us = std::clamp<int64_t>(absl::ToInt64Microseconds(latency), 0, std::numeric_limits<uint32_t>::max());
  const auto value = static_cast<uint32_t>(us);
  ++buckets_[BucketOf(value)];
  ++count_;
  max_us_ = std::max(max_us_, value);
}

uint32_t LatencyHistogram::QuantileUs(double share) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(wanted));
  uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::min(EndOf(bucket), max_us_);
  }
  return max_us_;
}

}  // namespace jettyfleet
