#include "common/description/pattern_check.h"

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLongestPattern = 256;
constexpr int64_t kPatternMemoryBytes = 1 << 20;

MaybeProblem Check(std::string path, const std::string& pattern, bool with_group) {
  if (pattern.size() > kLongestPattern) {
    return ProblemAt(std::move(path), absl::StrCat("longer than ", kLongestPattern, " bytes"));
  }
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryBytes);
  const RE2 compiled(pattern, options);
  if (!compiled.ok()) {
    return ProblemAt(std::move(path), absl::StrCat("is not a regular expression (RE2): ", compiled.error()));
  }
  if (!with_group || compiled.NumberOfCapturingGroups() == 1) return std::nullopt;
  return ProblemAt(std::move(path), "must have exactly one group ( ) around what is looked for");
}

}  // namespace

MaybeProblem CheckPattern(std::string path, const std::string& pattern) {
  return Check(std::move(path), pattern, false);
}

MaybeProblem CheckPatternWithGroup(std::string path, const std::string& pattern) {
  return Check(std::move(path), pattern, true);
}

}  // namespace jettyfleet
