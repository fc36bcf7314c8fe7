#include "common/tls/tls_files.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/file.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kPemLimitBytes = 256 << 10;

absl::Status Wrong(const char* kind, const std::string& path, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(kind, " ", path, ": ", what));
}

absl::StatusOr<std::string> Read(const char* kind, const std::string& path) {
  absl::StatusOr<std::string> content = ReadSmallFile(path, kPemLimitBytes);
  if (content.ok()) return content;
  return absl::Status(content.status().code(), absl::StrCat(kind, " ", content.status().message(),
                                                            "; `jettyfleet pki issue` makes ca.pem, cert.pem and "
                                                            "key.pem"));
}

absl::Status CheckKeyMode(const std::string& path) {
  struct stat about;
  if (stat(path.c_str(), &about) < 0) return Wrong("key", path, std::strerror(errno));
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) == 0) return absl::OkStatus();
  return Wrong("key", path,
               absl::StrFormat("is open to others (mode %04o); run: chmod 600 %s", about.st_mode & 07777, path));
}

absl::Status CheckValidity(const std::string& path, const CertificateInfo& info, absl::Time now) {
  const auto date = [](absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", time, absl::UTCTimeZone()); };
  if (now > info.not_after) {
    return Wrong("certificate", path,
                 absl::StrCat("expired at ", date(info.not_after), "; issue a new one with `jettyfleet pki issue`"));
  }
  if (now < info.not_before) {
    return Wrong("certificate", path,
                 absl::StrCat("is valid only from ", date(info.not_before), "; is this machine's clock right?"));
  }
  return absl::OkStatus();
}

absl::Status CheckMaterial(const TlsFiles& files, const TlsMaterial& material, absl::Time now) {
  if (absl::Status valid = CheckValidity(files.certificate, material.info, now); !valid.ok()) return valid;
  const absl::Status belongs = CheckKeyBelongs(material.certificate_pem, material.key_pem);
  if (!belongs.ok()) {
    return Wrong("key", files.key, absl::StrCat(belongs.message(), " (certificate ", files.certificate, ")"));
  }
  const absl::Status chain = CheckChain(material.certificate_pem, material.ca_pem, now);
  if (!chain.ok()) {
    return Wrong("certificate", files.certificate,
                 absl::StrCat("not accepted by the CA in ", files.ca, ": ", chain.message(),
                              "; take all three files from the same `jettyfleet pki issue`"));
  }
  return absl::OkStatus();
}

}  // namespace

TlsFiles TlsFilesIn(const std::string& directory) {
  return TlsFiles{directory + "/ca.pem", directory + "/cert.pem", directory + "/key.pem"};
}

absl::StatusOr<TlsMaterial> LoadTlsFiles(const TlsFiles& files, absl::Time now) {
  absl::StatusOr<std::string> ca = Read("CA", files.ca);
  if (!ca.ok()) return ca.status();
  absl::StatusOr<std::string> certificate = Read("certificate", files.certificate);
  if (!certificate.ok()) return certificate.status();
  absl::StatusOr<std::string> key = Read("key", files.key);
  if (!key.ok()) return key.status();
  if (absl::Status mode = CheckKeyMode(files.key); !mode.ok()) return mode;

  absl::StatusOr<CertificateInfo> info = InspectCertificate(*certificate);
  if (!info.ok()) return Wrong("certificate", files.certificate, info.status().message());
  absl::StatusOr<Identity> identity = ParseIdentity(info->uri);
  if (!identity.ok()) return Wrong("certificate", files.certificate, identity.status().message());
  TlsMaterial material{*std::move(ca), *std::move(certificate), *std::move(key), *std::move(identity),
                       *std::move(info)};
  if (absl::Status good = CheckMaterial(files, material, now); !good.ok()) return good;
  return material;
}

}  // namespace jettyfleet
