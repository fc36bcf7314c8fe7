// How two texts differ, for people. Pure.
#ifndef JETTYFLEET_COORDINATOR_CHECK_TEXT_DIFF_H_
#define JETTYFLEET_COORDINATOR_CHECK_TEXT_DIFF_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// The lines that only one of them has, in their order: "-LINE" of the first, "+LINE" of the second; empty where they
// are the same. At most `most_lines`, and then how many more there are. Texts whose middle part (between what is the
// same at the beginning and at the end) is beyond 2,000 lines are given as wholly different there.
std::string TextDiff(absl::string_view first, absl::string_view second, std::size_t most_lines = 40);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_CHECK_TEXT_DIFF_H_
