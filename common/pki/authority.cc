#include "common/pki/authority.h"

#include <openssl/ec.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/pki/certificate.h"
#include "common/pki/openssl_ptr.h"

namespace jettyfleet {
namespace {

constexpr int kSerialBits = 128;
constexpr int kMostDays = 3650;
constexpr absl::string_view kScheme = "spiffe://";

absl::Status OpensslError(absl::string_view what) {
  return absl::InternalError(absl::StrCat("OpenSSL could not ", what, ": ", OpensslProblem()));
}

std::string Contents(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<std::size_t>(size));
}

absl::StatusOr<CertifiedKey> ToPem(X509* certificate, EVP_PKEY* key) {
  const BioPtr certificate_out(BIO_new(BIO_s_mem()));
  const BioPtr key_out(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate_out.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpensslError("write PEM");
  }
  return CertifiedKey{Contents(certificate_out.get()), Contents(key_out.get())};
}

bool SetRandomSerial(X509* certificate) {
  const BignumPtr number(BN_new());
  // The top bit is set, so that every serial has the same length and none is zero.
  return BN_rand(number.get(), kSerialBits - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetValidity(X509* certificate, const Validity& validity) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(validity.not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(validity.not_after)) != nullptr;
}

bool SetSubject(X509* certificate, const std::string& common_name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// A certificate for `key` with everything but its issuer's name, extensions and signature.
absl::StatusOr<X509Ptr> Unsigned(EVP_PKEY* key, const std::string& common_name, const Validity& validity) {
  X509Ptr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetRandomSerial(certificate.get()) || !SetValidity(certificate.get(), validity) ||
      !SetSubject(certificate.get(), common_name) || X509_set_pubkey(certificate.get(), key) != 1) {
    return OpensslError("make a certificate");
  }
  return certificate;
}

absl::Status Sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
      X509_sign(certificate, issuer_key, EVP_sha256()) == 0) {
    return OpensslError("sign a certificate");
  }
  return absl::OkStatus();
}

// RFC 5280 limits a common name to 64 characters; identities are in the URI, so this one is only for people.
std::string CommonName(const Identity& identity) {
  return identity.role == Role::kCoordinator ? "coordinator" : identity.name;
}

}  // namespace

absl::StatusOr<Validity> ValidForDays(absl::Time now, int days) {
  if (days < 1 || days > kMostDays) {
    return absl::InvalidArgumentError(absl::StrCat("a validity of ", days, " days; 1 to ", kMostDays, " are possible"));
  }
  return Validity{now - absl::Minutes(5), now + absl::Hours(24) * days};
}

absl::StatusOr<CertifiedKey> MakeAuthority(const std::string& fleet, const Validity& validity) {
  if (absl::Status name = CheckIdentityName("fleet", fleet); !name.ok()) return name;
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpensslError("make a key");
  const absl::StatusOr<X509Ptr> made = Unsigned(key.get(), "jettyfleet authority", validity);
  if (!made.ok()) return made.status();
  X509* const certificate = made->get();
  if (!AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(certificate, certificate, NID_subject_key_identifier, "hash") ||
      !AddExtension(certificate, certificate, NID_subject_alt_name, absl::StrCat("URI:", kScheme, fleet)) ||
      !AddExtension(certificate, certificate, NID_name_constraints, absl::StrCat("critical,permitted;URI:", fleet))) {
    return OpensslError("make an authority");
  }
  if (absl::Status done = Sign(certificate, certificate, key.get()); !done.ok()) return done;
  return ToPem(certificate, key.get());
}

absl::StatusOr<std::string> FleetOf(absl::string_view ca_certificate_pem) {
  const absl::StatusOr<CertificateInfo> info = InspectCertificate(ca_certificate_pem);
  if (!info.ok()) return info.status();
  absl::string_view fleet = info->uri;
  if (!info->is_ca || !absl::ConsumePrefix(&fleet, kScheme) || !CheckIdentityName("fleet", fleet).ok()) {
    return absl::InvalidArgumentError("not the certificate of a fleet's authority; `jettyfleet pki init` makes one");
  }
  return std::string(fleet);
}

TlsUse UseOf(Role role) { return role == Role::kCoordinator ? TlsUse::kServerAndClient : TlsUse::kClientOnly; }

absl::StatusOr<CertifiedKey> IssueCertificate(const CertifiedKey& authority, const Identity& identity, TlsUse use,
                                              const Validity& validity) {
  const absl::StatusOr<std::string> uri = FormatIdentity(identity);
  if (!uri.ok()) return uri.status();
  const absl::StatusOr<std::string> fleet = FleetOf(authority.certificate_pem);
  if (!fleet.ok()) return fleet.status();
  if (*fleet != identity.fleet) {
    return absl::FailedPreconditionError(
        absl::StrCat("this authority is for fleet ", *fleet, " and cannot issue for fleet ", identity.fleet));
  }
  const absl::StatusOr<X509Ptr> issuer = ParseCertificate(authority.certificate_pem);
  if (!issuer.ok()) return issuer.status();
  const absl::StatusOr<KeyPtr> issuer_key = ParseKey(authority.key_pem);
  if (!issuer_key.ok()) return issuer_key.status();
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpensslError("make a key");
  const absl::StatusOr<X509Ptr> made = Unsigned(key.get(), CommonName(identity), validity);
  if (!made.ok()) return made.status();
  X509* const certificate = made->get();
  const char* const usage = use == TlsUse::kServerAndClient ? "serverAuth,clientAuth" : "clientAuth";
  if (!AddExtension(certificate, issuer->get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(certificate, issuer->get(), NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(certificate, issuer->get(), NID_ext_key_usage, usage) ||
      !AddExtension(certificate, issuer->get(), NID_subject_key_identifier, "hash") ||
      !AddExtension(certificate, issuer->get(), NID_authority_key_identifier, "keyid:always") ||
      !AddExtension(certificate, issuer->get(), NID_subject_alt_name, absl::StrCat("URI:", *uri))) {
    return OpensslError("make a certificate");
  }
  if (absl::Status done = Sign(certificate, issuer->get(), issuer_key->get()); !done.ok()) return done;
  return ToPem(certificate, key.get());
}

}  // namespace jettyfleet
