#include "common/pki/authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <set>
#include <string>

#include "common/pki/certificate.h"

namespace jettyfleet {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2030, 5, 1, 12, 0, 0), absl::UTCTimeZone());

class AuthorityTest : public testing::Test {
 protected:
  CertifiedKey Issue(const Identity& identity) const {
    return IssueCertificate(authority_, identity, UseOf(identity.role), ValidForDays(kNow, 365).value()).value();
  }

  static uint32_t ExtendedUse(const std::string& pem) {
    const X509Ptr certificate = ParseCertificate(pem).value();
    return X509_get_extended_key_usage(certificate.get());
  }

  // An authority for `fleet` that has the key and the key identifier of `authority`.
  static CertifiedKey Rename(const CertifiedKey& authority, const std::string& fleet) {
    const X509Ptr certificate =
        ParseCertificate(MakeAuthority(fleet, ValidForDays(kNow, 3650).value())->certificate_pem).value();
    const X509Ptr original = ParseCertificate(authority.certificate_pem).value();
    const KeyPtr key = ParseKey(authority.key_pem).value();
    X509_set_pubkey(certificate.get(), key.get());
    const int ours = X509_get_ext_by_NID(certificate.get(), NID_subject_key_identifier, -1);
    const X509ExtensionPtr removed(X509_delete_ext(certificate.get(), ours));
    const int theirs = X509_get_ext_by_NID(original.get(), NID_subject_key_identifier, -1);
    X509_add_ext(certificate.get(), X509_get_ext(original.get(), theirs), -1);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {std::string(text, static_cast<std::size_t>(size)), authority.key_pem};
  }

  const CertifiedKey authority_ = MakeAuthority("lab", ValidForDays(kNow, 3650).value()).value();
};

TEST_F(AuthorityTest, IssuesWhatSaysWhoItIs) {
  const CertifiedKey issued = Issue({"lab", Role::kAgent, "blue", "node-01"});
  const auto info = InspectCertificate(issued.certificate_pem);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->uri, "spiffe://lab/cluster/blue/agent/node-01");
  EXPECT_EQ(info->subject, "CN=node-01");
  EXPECT_EQ(info->issuer, "CN=jettyfleet authority");
  EXPECT_FALSE(info->is_ca);
  EXPECT_EQ(info->not_before, kNow - absl::Minutes(5));
  EXPECT_EQ(info->not_after, kNow + absl::Hours(24 * 365));
  EXPECT_TRUE(CheckKeyBelongs(issued.certificate_pem, issued.key_pem).ok());
  EXPECT_FALSE(CheckKeyBelongs(issued.certificate_pem, authority_.key_pem).ok());
  EXPECT_TRUE(CheckChain(issued.certificate_pem, authority_.certificate_pem, kNow).ok());
}

TEST_F(AuthorityTest, OnlyACoordinatorMayServe) {
  EXPECT_EQ(ExtendedUse(Issue({"lab", Role::kCoordinator, "", ""}).certificate_pem),
            static_cast<uint32_t>(XKU_SSL_SERVER | XKU_SSL_CLIENT));
  for (const Identity& other : {Identity{"lab", Role::kAgent, "blue", "n"}, Identity{"lab", Role::kLb, "", "n"},
                                Identity{"lab", Role::kOperator, "", "n"}, Identity{"lab", Role::kViewer, "", "n"}}) {
    EXPECT_EQ(ExtendedUse(Issue(other).certificate_pem), static_cast<uint32_t>(XKU_SSL_CLIENT));
  }
}

TEST_F(AuthorityTest, ChainsEndWithTheirValidityAndTheirAuthority) {
  const CertifiedKey issued = Issue({"lab", Role::kOperator, "", "alice"});
  EXPECT_FALSE(CheckChain(issued.certificate_pem, authority_.certificate_pem, kNow + absl::Hours(24 * 366)).ok());
  EXPECT_FALSE(CheckChain(issued.certificate_pem, authority_.certificate_pem, kNow - absl::Hours(1)).ok());
  const CertifiedKey other = MakeAuthority("lab", ValidForDays(kNow, 3650).value()).value();
  EXPECT_FALSE(CheckChain(issued.certificate_pem, other.certificate_pem, kNow).ok());
  EXPECT_TRUE(CheckChain(issued.certificate_pem, other.certificate_pem + authority_.certificate_pem, kNow).ok());
}

TEST_F(AuthorityTest, CannotSignForAnotherFleetEvenIfItsKeyIsUsedDirectly) {
  EXPECT_EQ(IssueCertificate(authority_, {"other", Role::kOperator, "", "alice"}, TlsUse::kClientOnly,
                             ValidForDays(kNow, 1).value())
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  // Its key can be used to sign anything; a certificate with our authority's name and key but for another fleet is what
  // a thief would make. The name constraint of the true authority still refuses it.
  const CertifiedKey forger = Rename(authority_, "other");
  const CertifiedKey forged = IssueCertificate(forger, {"other", Role::kOperator, "", "alice"}, TlsUse::kClientOnly,
                                               ValidForDays(kNow, 1).value())
                                  .value();
  EXPECT_TRUE(CheckChain(forged.certificate_pem, forger.certificate_pem, kNow).ok());
  const absl::Status refused = CheckChain(forged.certificate_pem, authority_.certificate_pem, kNow);
  EXPECT_EQ(refused.message(), "permitted subtree violation");
}

TEST_F(AuthorityTest, SerialsAreLongAndNeverTheSame) {
  std::set<std::string> serials;
  for (int i = 0; i < 50; ++i) {
    const std::string serial = InspectCertificate(Issue({"lab", Role::kViewer, "", "v"}).certificate_pem)->serial;
    EXPECT_EQ(serial.size(), 32u);
    serials.insert(serial);
  }
  EXPECT_EQ(serials.size(), 50u);
}

TEST_F(AuthorityTest, KnowsAnAuthorityWhenItSeesOne) {
  EXPECT_EQ(*FleetOf(authority_.certificate_pem), "lab");
  EXPECT_FALSE(FleetOf(Issue({"lab", Role::kOperator, "", "alice"}).certificate_pem).ok());
  EXPECT_FALSE(FleetOf("").ok());
}

TEST_F(AuthorityTest, RefusesWhatItIsNotFor) {
  for (const char* fleet : {"", "Lab", "a/b", "a..b", "-a"}) {
    EXPECT_FALSE(MakeAuthority(fleet, ValidForDays(kNow, 1).value()).ok()) << fleet;
  }
  for (const int days : {-1, 0, 3651}) EXPECT_FALSE(ValidForDays(kNow, days).ok()) << days;
  const Validity valid = ValidForDays(kNow, 1).value();
  EXPECT_FALSE(IssueCertificate(authority_, {"lab", Role::kNone, "", "x"}, TlsUse::kClientOnly, valid).ok());
  EXPECT_FALSE(IssueCertificate({"", ""}, {"lab", Role::kOperator, "", "x"}, TlsUse::kClientOnly, valid).ok());
}

}  // namespace
}  // namespace jettyfleet
