// Latencies in buckets that grow with the value: bounded memory, a bounded relative error.
#ifndef JETTYFLEET_COORDINATOR_PROBE_LATENCY_HISTOGRAM_H_
#define JETTYFLEET_COORDINATOR_PROBE_LATENCY_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace jettyfleet {

// A plain value of 7 kB. Microseconds up to 2^32 (71 minutes); more is counted as that. Below 64 us exact, above within
// 1/32 of the value.
class LatencyHistogram {
 public:
  // Less than nothing is counted as nothing.
  void Add(absl::Duration latency);

  uint64_t count() const { return count_; }
  uint32_t max_us() const { return max_us_; }

  // The smallest value that at least this share (0 to 1) of all do not exceed, rounded up to its bucket's end but never
  // above max_us. 0 when empty.
  uint32_t QuantileUs(double share) const;

 private:
  // Values of one power of two share kSteps buckets; the first 2 * kSteps values have one each.
  static constexpr int kStepBits = 5;
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  static constexpr std::size_t kBuckets = (32 - kStepBits + 1) * kSteps;

  static std::size_t BucketOf(uint32_t us);
  static uint32_t EndOf(std::size_t bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint32_t max_us_ = 0;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PROBE_LATENCY_HISTOGRAM_H_
