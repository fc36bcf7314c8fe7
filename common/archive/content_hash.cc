#include "common/archive/content_hash.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

}  // namespace

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

absl::StatusOr<std::string> ReadAt(int fd, const std::string& name, uint64_t offset, std::size_t limit) {
  std::string bytes(limit, '\0');
  std::size_t got = 0;
  while (got < limit) {
    const ssize_t more = pread(fd, bytes.data() + got, limit - got, static_cast<off_t>(offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return absl::UnavailableError(absl::StrCat("cannot read ", name, ": ", std::strerror(errno)));
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  bytes.resize(got);
  return bytes;
}

absl::StatusOr<Sha256> HashDescriptor(int fd, const std::string& name, uint64_t size) {
  Sha256 hash;
  for (uint64_t offset = 0; offset < size;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<uint64_t>(kPieceBytes, size - offset));
    const absl::StatusOr<std::string> piece = ReadAt(fd, name, offset, wanted);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) {
      return absl::DataLossError(absl::StrCat(name, " ends after ", offset, " bytes and not after ", size));
    }
    hash.Add(*piece);
    offset += piece->size();
  }
  return hash;
}

}  // namespace jettyfleet
