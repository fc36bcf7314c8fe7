// UTF-8, taken apart: what is none must not go into a protobuf string, which its receiver would refuse as a whole.
#ifndef JETTYFLEET_COMMON_UTF8_H_
#define JETTYFLEET_COMMON_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// The character at the beginning of `text`, which is not empty. `bytes` is 0 where there is none: cut, overlong, a
// surrogate, or beyond Unicode. Pure.
struct Utf8Character {
  char32_t code_point = 0;
  std::size_t bytes = 0;
};
Utf8Character FirstUtf8Character(absl::string_view text);

// Where the first byte is that belongs to no character; npos: all do.
std::size_t FindInvalidUtf8(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_UTF8_H_
