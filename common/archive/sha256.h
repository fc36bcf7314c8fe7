// SHA-256 of content that comes in pieces.
#ifndef JETTYFLEET_COMMON_ARCHIVE_SHA256_H_
#define JETTYFLEET_COMMON_ARCHIVE_SHA256_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// One thread at a time. Aborts where OpenSSL cannot make a digest at all (out of memory).
class Sha256 {
 public:
  Sha256();

  void Update(absl::string_view data);
  // Of everything so far, 64 of 0-9 and a-f. More may follow.
  std::string Hex() const;

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

// 64 of 0-9 and a-f.
bool IsSha256Hex(absl::string_view text);

// Of `size` bytes of `fd` from its beginning; `name` stands for it in messages. DataLoss: it is shorter. Unavailable:
// it cannot be read. Does not move the descriptor's offset.
absl::StatusOr<Sha256> HashDescriptor(int fd, const std::string& name, uint64_t size);

// At most `limit` bytes of `fd` at `offset`; fewer only at its end. Unavailable, with one line, where it cannot be
// read.
absl::StatusOr<std::string> ReadAt(int fd, const std::string& name, uint64_t offset, std::size_t limit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_ARCHIVE_SHA256_H_
