#include "common/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr int kLongestSerialDigits = 40;

BioPtr MemoryReader(absl::string_view text) {
  const auto size = std::min<std::size_t>(text.size(), std::numeric_limits<int>::max());
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(size)));
}

// An encrypted key must be an error and not a prompt on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<absl::Time> ToTime(const ASN1_TIME* time) {
  tm broken_down;
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return absl::InvalidArgumentError("its validity cannot be read");
  return absl::FromTimeT(timegm(&broken_down));
}

std::string NameText(const X509_NAME* name) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (out == nullptr || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return "";
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

absl::StatusOr<std::string> SerialText(const X509* certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (number == nullptr || BN_is_negative(number.get())) return absl::InvalidArgumentError("its serial cannot be read");
  char* const digits = BN_bn2hex(number.get());
  if (digits == nullptr) return absl::InvalidArgumentError("its serial cannot be read");
  const std::string text = digits;
  OPENSSL_free(digits);
  return NormaliseSerial(text);
}

absl::StatusOr<std::string> OnlyUri(X509* certificate) {
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string uri;
  int uris = 0;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), ASN1_STRING_length(text));
    ++uris;
  }
  if (uris > 1) return absl::InvalidArgumentError("it has more than one URI name, so it is unclear who it is");
  return uri;
}

absl::StatusOr<X509StorePtr> StoreOf(absl::string_view ca_pem) {
  X509StorePtr store(X509_STORE_new());
  const BioPtr in = MemoryReader(ca_pem);
  int authorities = 0;
  for (;;) {
    const X509Ptr authority(PEM_read_bio_X509(in.get(), nullptr, NoPassphrase, nullptr));
    if (authority == nullptr) break;
    if (X509_STORE_add_cert(store.get(), authority.get()) != 1) return absl::InvalidArgumentError(OpensslProblem());
    ++authorities;
  }
  ERR_clear_error();
  if (authorities == 0) return absl::InvalidArgumentError("no certificate of an authority in it");
  return store;
}

}  // namespace

std::string OpensslProblem() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "OpenSSL gives no reason" : reason;
}

absl::StatusOr<X509Ptr> ParseCertificate(absl::string_view pem) {
  X509Ptr certificate(PEM_read_bio_X509(MemoryReader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (certificate != nullptr) return certificate;
  return absl::InvalidArgumentError(absl::StrCat("not a certificate in PEM form (", OpensslProblem(), ")"));
}

absl::StatusOr<KeyPtr> ParseKey(absl::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(MemoryReader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (key != nullptr) return key;
  return absl::InvalidArgumentError(
      absl::StrCat("not a private key in PEM form without passphrase (", OpensslProblem(), ")"));
}

absl::StatusOr<CertificateInfo> Inspect(X509* certificate) {
  CertificateInfo info;
  absl::StatusOr<std::string> uri = OnlyUri(certificate);
  if (!uri.ok()) return uri.status();
  absl::StatusOr<std::string> serial = SerialText(certificate);
  if (!serial.ok()) return serial.status();
  const absl::StatusOr<absl::Time> not_before = ToTime(X509_get0_notBefore(certificate));
  if (!not_before.ok()) return not_before.status();
  const absl::StatusOr<absl::Time> not_after = ToTime(X509_get0_notAfter(certificate));
  if (!not_after.ok()) return not_after.status();
  info.uri = *std::move(uri);
  info.serial = *std::move(serial);
  info.not_before = *not_before;
  info.not_after = *not_after;
  info.subject = NameText(X509_get_subject_name(certificate));
  info.issuer = NameText(X509_get_issuer_name(certificate));
  info.is_ca = X509_check_ca(certificate) != 0;
  return info;
}

absl::StatusOr<CertificateInfo> InspectCertificate(absl::string_view pem) {
  const absl::StatusOr<X509Ptr> certificate = ParseCertificate(pem);
  if (!certificate.ok()) return certificate.status();
  return Inspect(certificate->get());
}

absl::Status CheckKeyBelongs(absl::string_view certificate_pem, absl::string_view key_pem) {
  const absl::StatusOr<X509Ptr> certificate = ParseCertificate(certificate_pem);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<KeyPtr> key = ParseKey(key_pem);
  if (!key.ok()) return key.status();
  const bool belongs = X509_check_private_key(certificate->get(), key->get()) == 1;
  ERR_clear_error();
  return belongs ? absl::OkStatus() : absl::FailedPreconditionError("the key is not that of the certificate");
}

absl::Status CheckChain(absl::string_view certificate_pem, absl::string_view ca_pem, absl::Time now) {
  const absl::StatusOr<X509Ptr> certificate = ParseCertificate(certificate_pem);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<X509StorePtr> store = StoreOf(ca_pem);
  if (!store.ok()) return store.status();
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store->get(), certificate->get(), nullptr) != 1) {
    return absl::InternalError(OpensslProblem());
  }
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), absl::ToTimeT(now));
  const bool verified = X509_verify_cert(context.get()) == 1;
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (verified) return absl::OkStatus();
  return absl::FailedPreconditionError(X509_verify_cert_error_string(error));
}

absl::StatusOr<std::string> NormaliseSerial(absl::string_view serial) {
  const bool hexadecimal = std::all_of(serial.begin(), serial.end(), absl::ascii_isxdigit);
  if (serial.empty() || serial.size() > kLongestSerialDigits || !hexadecimal) {
    return absl::InvalidArgumentError("a serial is 1 to 40 hexadecimal digits, as `jettyfleet pki show` prints it");
  }
  while (serial.size() > 1 && serial.front() == '0') serial.remove_prefix(1);
  return absl::AsciiStrToLower(serial);
}

}  // namespace jettyfleet
