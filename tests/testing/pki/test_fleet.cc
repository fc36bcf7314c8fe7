#include "tests/testing/pki/test_fleet.h"

#include "absl/time/clock.h"

namespace jettyfleet {

TestFleet::TestFleet(const std::string& name)
    : name_(name), authority_(MakeAuthority(name, ValidForDays(absl::Now(), 2).value()).value()) {}

TlsMaterial TestFleet::Material(Role role, const std::string& name) const {
  const Identity identity{name_, role, role == Role::kAgent ? "blue" : "", name};
  return Material(identity, UseOf(role), ValidForDays(absl::Now(), 1).value());
}

TlsMaterial TestFleet::Material(const Identity& identity, TlsUse use, const Validity& validity) const {
  const CertifiedKey issued = IssueCertificate(authority_, identity, use, validity).value();
  return TlsMaterial{authority_.certificate_pem, issued.certificate_pem, issued.key_pem, identity,
                     InspectCertificate(issued.certificate_pem).value()};
}

}  // namespace jettyfleet
