// What the checks of a description's parts share: a problem, and checks of single values.
#ifndef JETTYFLEET_COMMON_DESCRIPTION_FIELD_CHECKS_H_
#define JETTYFLEET_COMMON_DESCRIPTION_FIELD_CHECKS_H_

#include <google/protobuf/duration.pb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jettyfleet {

struct DescriptionProblem {
  std::string path;  // as in the YAML: "resources[0].clone.max"
  std::string what;  // what is wrong and what to do
};

// Nothing: no problem found.
using MaybeProblem = std::optional<DescriptionProblem>;

// Bounds that more than one part of a description has.
inline constexpr std::size_t kLongestText = 1024;
inline constexpr uint32_t kMostInstances = 1024;

MaybeProblem ProblemAt(std::string path, std::string what);
// "PATH.KEY" and "PATH[INDEX]".
std::string Within(const std::string& path, absl::string_view key);
std::string Item(const std::string& path, int index);

// ASCII letters, digits and `others` only.
bool OnlyAlnumAnd(absl::string_view others, absl::string_view text);
// ASCII without spaces and control characters.
bool PrintableWithoutSpaces(absl::string_view text);

// A cluster, node or host (common/identity).
MaybeProblem CheckName(const std::string& path, absl::string_view name);
MaybeProblem CheckRange(std::string path, uint64_t value, uint64_t least, uint64_t most);
// In range, and a multiple of `step`.
MaybeProblem CheckDuration(std::string path, const google::protobuf::Duration& duration, absl::Duration least,
                           absl::Duration most, absl::Duration step);
// Free text of one line.
MaybeProblem CheckText(std::string path, absl::string_view text);
// A day that there is, from 1970 on, as YYYY-MM-DD and no other way.
MaybeProblem CheckDate(std::string path, const std::string& text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_DESCRIPTION_FIELD_CHECKS_H_
