#include "coordinator/check/text_diff.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

TEST(TextDiff, ShowsWhatOnlyOneHas) {
  const struct {
    const char* first;
    const char* second;
    const char* difference;
  } kCases[] = {
      {"", "", ""},
      {"a\nb\n", "a\nb\n", ""},
      {"a\nb\n", "a\nb", ""},  // a line's end at the end of the text is no difference of lines
      {"", "a\n", "+a"},
      {"a\n", "", "-a"},
      {"a\nb\nc\n", "a\nx\nc\n", "-b\n+x"},
      {"a\nb\nc\n", "a\nc\n", "-b"},
      {"a\nc\n", "a\nb\nc\n", "+b"},
      {"1\n2\n3\n4\n", "0\n2\n3\n5\n", "-1\n+0\n-4\n+5"},
      {"a\na\n", "a\n", "-a"},
  };
  for (const auto& one : kCases) EXPECT_EQ(TextDiff(one.first, one.second), one.difference) << one.first << one.second;
}

TEST(TextDiff, IsBounded) {
  std::string one, other;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&one, "a", i, "\n");
    absl::StrAppend(&other, "b", i, "\n");
  }
  EXPECT_EQ(TextDiff(one, other, 3), "-a0\n-a1\n-a2\nand 197 more lines");
  std::string large = "x\n";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&large, i, "\n");
  // Too large to be compared line by line: then all of the middle is different.
  EXPECT_EQ(TextDiff("y\n", large, 2), "-y\n+x\nand 5000 more lines");
}

}  // namespace
}  // namespace jettyfleet
