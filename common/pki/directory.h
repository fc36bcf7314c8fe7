// A fleet's authority in a directory: what `jettyfleet pki` does.
//
//   DIR/ca.pem      the authority's certificate
//   DIR/ca-key.pem  its key, 0600: who reads it can be anyone; keep it off the cluster
//   DIR/denied      deny list of serials (common/tls/deny_list), to be copied to the coordinator
//   OUT/ca.pem, OUT/cert.pem, OUT/key.pem   one identity's files (common/tls/tls_files)
#ifndef JETTYFLEET_COMMON_PKI_DIRECTORY_H_
#define JETTYFLEET_COMMON_PKI_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity.h"
#include "common/pki/certificate.h"

namespace jettyfleet {

inline constexpr int kAuthorityDays = 3650;
inline constexpr int kCertificateDays = 365;

// Makes DIR (0700) where it is missing, and the authority in it. AlreadyExists: there is one; nothing was changed.
absl::Status InitPki(const std::string& directory, const std::string& fleet, int days, absl::Time now);

// `identity.fleet` is ignored: it is the authority's. Makes OUT (0700) where it is missing. AlreadyExists: one of the
// files is there; nothing was changed. FailedPrecondition: the certificate would outlive the authority.
absl::StatusOr<CertificateInfo> IssueTo(const std::string& directory, Identity identity, int days,
                                        const std::string& out_directory, absl::Time now);

// Appends to DIR/denied; a serial that is there already is not added again. InvalidArgument: not a serial.
absl::Status DenySerial(const std::string& directory, const std::string& serial, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_PKI_DIRECTORY_H_
