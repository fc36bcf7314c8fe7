#include "agent/inspect/digest/quiet_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace jettyfleet {

QuietFile::~QuietFile() {
  if (fd_ >= 0) close(fd_);
}

QuietFile::QuietFile(QuietFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

QuietFile& QuietFile::operator=(QuietFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

QuietFile QuietFile::Open(int directory, const char* path, int flags) {
  flags |= O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  const int fd = openat(directory, path, flags | O_NOATIME);
  if (fd >= 0 || errno != EPERM) return QuietFile(fd);
  return QuietFile(openat(directory, path, flags));
}

std::string ShownName(absl::string_view name) {
  std::string shown;
  while (!name.empty()) {
    const Utf8Character character = FirstUtf8Character(name);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    const bool control = character.code_point < 0x20 || (character.code_point >= 0x7f && character.code_point < 0xa0);
    for (const char c : name.substr(0, bytes)) {
      if (character.bytes == 0 || control) {
        absl::StrAppend(&shown, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
      } else {
        shown.push_back(c);
      }
    }
    name.remove_prefix(bytes);
  }
  return shown;
}

}  // namespace jettyfleet
