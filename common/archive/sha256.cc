#include "common/archive/sha256.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;

void Must(int done) {
  if (done != 1) std::abort();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { Must(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }

void Sha256::Update(absl::string_view data) { Must(EVP_DigestUpdate(context_.get(), data.data(), data.size())); }

std::string Sha256::Hex() const {
  const std::unique_ptr<EVP_MD_CTX, Free> copy(EVP_MD_CTX_new());
  Must(EVP_MD_CTX_copy_ex(copy.get(), context_.get()));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  Must(EVP_DigestFinal_ex(copy.get(), digest, &length));
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), length));
}

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
    hash.Update(*piece);
    offset += piece->size();
  }
  return hash;
}

}  // namespace jettyfleet
