// Reading certificates and keys: what they say, and whether they fit together. Pure functions over PEM text; no files.
#ifndef JETTYFLEET_COMMON_PKI_CERTIFICATE_H_
#define JETTYFLEET_COMMON_PKI_CERTIFICATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pki/openssl_ptr.h"

namespace jettyfleet {

struct CertificateInfo {
  // Its one URI subject alternative name; empty when it has none. ParseIdentity reads it.
  std::string uri;
  // Lower-case hexadecimal without leading zeros, as deny lists write it.
  std::string serial;
  absl::Time not_before;
  absl::Time not_after;
  std::string subject;
  std::string issuer;
  bool is_ca = false;
};

// The first certificate in `pem`. InvalidArgument: there is none, it cannot be read, or it has more than one URI name
// (then it would be ambiguous who it is).
absl::StatusOr<CertificateInfo> InspectCertificate(absl::string_view pem);

// Whether `key_pem` is the private key of the certificate. InvalidArgument says which of the two cannot be read.
absl::Status CheckKeyBelongs(absl::string_view certificate_pem, absl::string_view key_pem);

// Whether the certificate is valid at `now` and signed by one of the authorities in `ca_pem`. FailedPrecondition: it is
// not, and why; InvalidArgument: one of them cannot be read.
absl::Status CheckChain(absl::string_view certificate_pem, absl::string_view ca_pem, absl::Time now);

// Lower case, no leading zeros; InvalidArgument: not 1 to 40 hexadecimal digits (RFC 5280 allows 20 octets).
absl::StatusOr<std::string> NormaliseSerial(absl::string_view serial);

// For the rest of this library.
absl::StatusOr<X509Ptr> ParseCertificate(absl::string_view pem);
absl::StatusOr<KeyPtr> ParseKey(absl::string_view pem);
absl::StatusOr<CertificateInfo> Inspect(X509* certificate);
// OpenSSL's oldest queued error in words; empties the queue.
std::string OpensslProblem();

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_PKI_CERTIFICATE_H_
