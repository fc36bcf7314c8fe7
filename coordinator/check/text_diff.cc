#include "coordinator/check/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostCompared = 2'000;

std::vector<absl::string_view> Lines(absl::string_view text) {
  absl::ConsumeSuffix(&text, "\n");
  return text.empty() ? std::vector<absl::string_view>() : absl::StrSplit(text, '\n');
}

// By the longest common subsequence of lines.
class Comparison {
 public:
  Comparison(const std::vector<absl::string_view>& first, const std::vector<absl::string_view>& second)
      : first_(first), second_(second), width_(second.size() + 1), common_((first.size() + 1) * width_, 0) {
    for (std::size_t i = first.size(); i-- > 0;) {
      for (std::size_t j = second.size(); j-- > 0;) {
        At(i, j) = first[i] == second[j] ? static_cast<uint16_t>(At(i + 1, j + 1) + 1) : std::max(At(i + 1, j), At(i, j + 1));
      }
    }
  }

  void AddTo(std::vector<std::string>* out) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < first_.size() || j < second_.size()) {
      if (i < first_.size() && j < second_.size() && first_[i] == second_[j]) {
        ++i;
        ++j;
      } else if (j == second_.size() || (i < first_.size() && At(i + 1, j) >= At(i, j + 1))) {
        out->push_back(absl::StrCat("-", first_[i++]));
      } else {
        out->push_back(absl::StrCat("+", second_[j++]));
      }
    }
  }

 private:
  uint16_t& At(std::size_t i, std::size_t j) { return common_[i * width_ + j]; }

  const std::vector<absl::string_view>& first_;
  const std::vector<absl::string_view>& second_;
  const std::size_t width_;
  std::vector<uint16_t> common_;  // lengths from (i, j) to the end; at most kMostCompared
};

}  // namespace

std::string TextDiff(absl::string_view first, absl::string_view second, std::size_t most_lines) {
  std::vector<absl::string_view> one = Lines(first);
  std::vector<absl::string_view> other = Lines(second);
  const auto [one_begin, other_begin] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  one.erase(one.begin(), one_begin);
  other.erase(other.begin(), other_begin);
  while (!one.empty() && !other.empty() && one.back() == other.back()) {
    one.pop_back();
    other.pop_back();
  }
  std::vector<std::string> lines;
  if (one.size() <= kMostCompared && other.size() <= kMostCompared) {
    Comparison(one, other).AddTo(&lines);
  } else {
    for (const absl::string_view line : one) lines.push_back(absl::StrCat("-", line));
    for (const absl::string_view line : other) lines.push_back(absl::StrCat("+", line));
  }
  if (lines.size() > most_lines) {
    const std::size_t more = lines.size() - most_lines;
    lines.resize(most_lines);
    lines.push_back(absl::StrCat("and ", more, " more lines"));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace jettyfleet
