#include "common/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace jettyfleet {
namespace {

TEST(Utf8Test, WhereItEnds) {
  using std::string_literals::operator""s;
  constexpr std::size_t kNowhere = absl::string_view::npos;
  const struct {
    std::string text;
    std::size_t invalid_at;
  } kCases[] = {
      {"", kNowhere},
      {"plain\0"s, kNowhere},
      {"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", kNowhere},
      {"a\x80", 1},               // a character's later byte
      {"a\xc1\xbf", 1},           // overlong
      {"a\xe0\x9f\xbf", 1},       // overlong
      {"a\xf0\x8f\xbf\xbf", 1},   // overlong
      {"ab\xed\xa0\x80", 2},      // a surrogate
      {"ab\xf4\x90\x80\x80", 2},  // beyond Unicode
      {"ab\xf5\x80\x80\x80", 2},
      {"ab\xff", 2},
      {"\xc3\xa4\xc3", 2},  // cut
      {"\xc3\xa4\xe2\x82", 2},
      {"\xc3(", 0},
  };
  for (const auto& one : kCases) EXPECT_EQ(FindInvalidUtf8(one.text), one.invalid_at) << one.text;
}

TEST(Utf8Test, CodePoints) {
  EXPECT_EQ(FirstUtf8Character("ab").code_point, U'a');
  EXPECT_EQ(FirstUtf8Character("\xe2\x82\xac.").code_point, U'\u20ac');
  EXPECT_EQ(FirstUtf8Character("\xe2\x82\xac.").bytes, 3u);
  EXPECT_EQ(FirstUtf8Character("\xf0\x9f\x92\xa9").code_point, U'\U0001f4a9');
}

}  // namespace
}  // namespace jettyfleet
