// A fleet's certificate authority: makes itself, and issues certificates whose URI name is an Identity. PEM text in and
// out; common/pki/directory keeps it in files.
#ifndef JETTYFLEET_COMMON_PKI_AUTHORITY_H_
#define JETTYFLEET_COMMON_PKI_AUTHORITY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/identity.h"

namespace jettyfleet {

struct CertifiedKey {
  std::string certificate_pem;
  std::string key_pem;  // EC P-256, not encrypted
};

struct Validity {
  absl::Time not_before;
  absl::Time not_after;
};

// From five minutes before `now`, since the machines' clocks never agree, until `days` after it. InvalidArgument: days
// outside 1 to 3650.
absl::StatusOr<Validity> ValidForDays(absl::Time now, int days);

// A self-signed authority that may sign names below spiffe://FLEET/ only.
absl::StatusOr<CertifiedKey> MakeAuthority(const std::string& fleet, const Validity& validity);

// The fleet that an authority's certificate is for. InvalidArgument: it is not one made by MakeAuthority.
absl::StatusOr<std::string> FleetOf(absl::string_view ca_certificate_pem);

// What the holder may be in a TLS handshake. Only coordinators serve, so only theirs say so.
enum class TlsUse { kClientOnly, kServerAndClient };
TlsUse UseOf(Role role);

// A new key and a certificate for it, signed by `authority`. FailedPrecondition: the identity belongs to another fleet.
absl::StatusOr<CertifiedKey> IssueCertificate(const CertifiedKey& authority, const Identity& identity, TlsUse use,
                                              const Validity& validity);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_PKI_AUTHORITY_H_
