// The three files that say who a program is and whom it trusts, checked before they are used.
#ifndef JETTYFLEET_COMMON_TLS_TLS_FILES_H_
#define JETTYFLEET_COMMON_TLS_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity.h"
#include "common/pki/certificate.h"

namespace jettyfleet {

struct TlsFiles {
  std::string ca;
  std::string certificate;
  std::string key;
};

// ca.pem, cert.pem and key.pem in `directory`, as `jettyfleet pki issue` writes them.
TlsFiles TlsFilesIn(const std::string& directory);

// What was in the files when they were read; credentials are made of these very bytes, so nothing unchecked is used.
// New files are taken by a restart of the program.
struct TlsMaterial {
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
  Identity identity;
  CertificateInfo info;
};

// Reads and checks: the certificate is valid at `now`, signed by the CA and has an identity; the key belongs to it, and
// its file is open to its owner only. Errors are one line: which file, what is wrong, what to do.
absl::StatusOr<TlsMaterial> LoadTlsFiles(const TlsFiles& files, absl::Time now);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_TLS_TLS_FILES_H_
