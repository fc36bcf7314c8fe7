// SHA-256 by OpenSSL, which uses the processor's own instructions where there are any.
#ifndef JETTYFLEET_COMMON_SHA256_H_
#define JETTYFLEET_COMMON_SHA256_H_

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace jettyfleet {

// One digest at a time; reusable. One thread at a time.
class Sha256 {
 public:
  Sha256();

  // Forgets what was added.
  void Reset();
  void Add(const void* bytes, std::size_t size);
  void Add(absl::string_view text) { Add(text.data(), text.size()); }
  // 32 bytes; Reset comes before the next Add.
  std::string Finish();
  // Of what was added so far, 64 of 0-9 and a-f; more may follow.
  std::string HexSoFar() const;

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_SHA256_H_
