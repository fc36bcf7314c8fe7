// What a fuzz target asks for beyond not crashing.
#ifndef JETTYFLEET_TESTS_FUZZ_DEMAND_H_
#define JETTYFLEET_TESTS_FUZZ_DEMAND_H_

#include <cstdio>
#include <cstdlib>

namespace jettyfleet {

// Ends the process when it does not hold: that is what libFuzzer and the replay driver look for. `what` says what was
// to be true.
inline void Demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
  std::abort();
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_FUZZ_DEMAND_H_
