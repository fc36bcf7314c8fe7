// Inputs made from others: what a parser meets when a file was cut, damaged, or written by somebody with intent.
#ifndef JETTYFLEET_TESTS_FUZZ_MUTATE_H_
#define JETTYFLEET_TESTS_FUZZ_MUTATE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/random.h"

namespace jettyfleet {

inline constexpr std::size_t kMutationLimitBytes = 64 << 10;
inline constexpr std::size_t kHostileBytes = 1 << 20;

// One to four changes of one of `seeds`, which are not empty: bits flipped, bytes replaced, parts cut out, repeated,
// taken from another seed, or replaced by what parsers stumble over. At most kMutationLimitBytes. Pure but for
// `random`.
std::string Mutate(const std::vector<std::string>& seeds, Random* random);

// A part of one of `seeds`, between line breaks where it has some, repeated to kHostileBytes between what stood before
// and after it: finds what takes time or memory out of proportion.
std::string Grow(const std::vector<std::string>& seeds, Random* random);

// Inputs that no format likes, by name: kHostileBytes of one byte or of one opening bracket, bombs, odd encodings.
std::vector<std::pair<std::string, std::string>> HostileInputs();

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_FUZZ_MUTATE_H_
