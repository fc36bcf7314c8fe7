// A fleet's authority in memory, for tests that need certificates.
#ifndef JETTYFLEET_TESTS_TESTING_PKI_TEST_FLEET_H_
#define JETTYFLEET_TESTS_TESTING_PKI_TEST_FLEET_H_

#include <string>

#include "absl/time/time.h"
#include "common/identity.h"
#include "common/pki/authority.h"
#include "common/tls/tls_files.h"

namespace jettyfleet {

// Makes an authority of its own: two TestFleets of one name do not trust each other. Aborts where OpenSSL fails.
class TestFleet {
 public:
  explicit TestFleet(const std::string& name);

  // A valid certificate for `role`; `name` is the node, host or person, the cluster of an agent is "blue".
  TlsMaterial Material(Role role, const std::string& name = "") const;

  // One that is wrong in a chosen way. A fleet other than our own is not possible: the authority refuses.
  TlsMaterial Material(const Identity& identity, TlsUse use, const Validity& validity) const;

  const CertifiedKey& authority() const { return authority_; }

 private:
  const std::string name_;
  CertifiedKey authority_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_TESTING_PKI_TEST_FLEET_H_
