// Random numbers that are the same with every compiler and library, so that a seed means the same input everywhere.
#ifndef JETTYFLEET_TESTS_FUZZ_RANDOM_H_
#define JETTYFLEET_TESTS_FUZZ_RANDOM_H_

#include <cstddef>
#include <cstdint>

namespace jettyfleet {

// A plain value: SplitMix64, which is cheap to seed anew for each input.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // 0 to `end` - 1; 0 where `end` is 0.
  std::size_t Below(std::size_t end) { return end == 0 ? 0 : static_cast<std::size_t>(Next() % end); }

 private:
  uint64_t state_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_FUZZ_RANDOM_H_
