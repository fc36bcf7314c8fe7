// Regular expressions in a description.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_PATTERN_CHECK_H_
#define JETTYFLEET_COMMON_DESCRIPTION_PATTERN_CHECK_H_

#include <string>

#include "common/description/field_checks.h"

namespace jettyfleet {

// Pure. It compiles with the options that those who use it have: RE2, Latin-1, at most 1 MiB; at most 256 bytes long.
MaybeProblem CheckPattern(std::string path, const std::string& pattern);

// The same, with exactly one group.
MaybeProblem CheckPatternWithGroup(std::string path, const std::string& pattern);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_PATTERN_CHECK_H_
