#include "common/sha256.h"

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace jettyfleet {
namespace {

// They fail only without memory, or where SHA-256 itself was taken out of OpenSSL.
void Demand(int succeeded) {
  if (succeeded != 1) std::abort();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) std::abort();
  Reset();
}

void Sha256::Reset() { Demand(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }

void Sha256::Add(const void* bytes, std::size_t size) { Demand(EVP_DigestUpdate(context_.get(), bytes, size)); }

std::string Sha256::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Demand(EVP_DigestFinal_ex(context_.get(), digest, &size));
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string Sha256::HexSoFar() const {
  const std::unique_ptr<EVP_MD_CTX, Free> copy(EVP_MD_CTX_new());
  if (copy == nullptr) std::abort();
  Demand(EVP_MD_CTX_copy_ex(copy.get(), context_.get()));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Demand(EVP_DigestFinal_ex(copy.get(), digest, &size));
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

}  // namespace jettyfleet
