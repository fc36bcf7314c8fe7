#include "common/utf8.h"

namespace jettyfleet {

Utf8Character FirstUtf8Character(absl::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return {};
  char32_t character = byte(0) & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    character = (character << 6) | (byte(i) & 0x3f);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < kSmallest[length] || character > 0x10ffff || surrogate) return {};
  return {character, length};
}

std::size_t FindInvalidUtf8(absl::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = FirstUtf8Character(text.substr(at)).bytes;
    if (bytes == 0) return at;
    at += bytes;
  }
  return absl::string_view::npos;
}

}  // namespace jettyfleet
