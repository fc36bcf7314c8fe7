#include "common/tls/credentials.h"

#include <arpa/inet.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/log.h"

namespace jettyfleet {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::StaticDataCertificateProvider;
using grpc::experimental::TlsCustomVerificationCheckRequest;

constexpr absl::Duration kWarnBeforeExpiry = absl::Hours(24 * 30);

enum class Accepts { kCoordinatorOnly, kWholeFleet };

// Runs after OpenSSL has verified the chain and the validity, on gRPC's threads; answers at once. Owned by gRPC.
class FleetVerifier final : public ExternalCertificateVerifier {
 public:
  FleetVerifier(std::string fleet, Accepts accepts) : fleet_(std::move(fleet)), accepts_(accepts) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    *sync_status = Judge(request->uri_names());
    // A client reads it in its call's status; on the server's side nobody else would ever say it.
    if (!sync_status->ok() && accepts_ == Accepts::kWholeFleet) {
      LogWarning(absl::StrCat("TLS: ", sync_status->error_message()));
    }
    return true;
  }

  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  grpc::Status Judge(const std::vector<grpc::string_ref>& uris) const {
    if (uris.size() != 1) return Refuse(absl::StrCat("it has ", uris.size(), " URI names instead of one"));
    const auto identity = ParseIdentity(absl::string_view(uris[0].data(), uris[0].size()));
    if (!identity.ok()) return Refuse(identity.status().message());
    if (identity->fleet != fleet_) return Refuse(absl::StrCat("it is of fleet ", identity->fleet, ", not ", fleet_));
    if (accepts_ == Accepts::kCoordinatorOnly && identity->role != Role::kCoordinator) {
      return Refuse(absl::StrCat("it is ", DescribeIdentity(*identity), ", not the coordinator"));
    }
    return grpc::Status::OK;
  }

  static grpc::Status Refuse(absl::string_view why) {
    return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, absl::StrCat("refused the peer's certificate: ", why));
  }

  const std::string fleet_;
  const Accepts accepts_;
};

void Prepare(const TlsMaterial& own, Accepts accepts, grpc::experimental::TlsCredentialsOptions* options) {
  options->watch_root_certs();
  options->watch_identity_key_cert_pairs();
  options->set_certificate_verifier(ExternalCertificateVerifier::Create<FleetVerifier>(own.identity.fleet, accepts));
  // Who the peer is, is judged by its identity; a host name proves nothing here.
  options->set_check_call_host(false);
}

std::shared_ptr<StaticDataCertificateProvider> ProviderOf(const TlsMaterial& own) {
  return std::make_shared<StaticDataCertificateProvider>(
      own.ca_pem, std::vector<grpc::experimental::IdentityKeyCertPair>{{own.key_pem, own.certificate_pem}});
}

absl::StatusOr<TlsMaterial> LoadNow(const TlsFiles& files) {
  const absl::Time now = absl::Now();
  absl::StatusOr<TlsMaterial> own = LoadTlsFiles(files, now);
  if (own.ok() && own->info.not_after - now < kWarnBeforeExpiry) {
    LogWarning(absl::StrCat("certificate ", files.certificate, " expires at ",
                            absl::FormatTime("%Y-%m-%d", own->info.not_after, absl::UTCTimeZone()),
                            "; issue a new one with `jettyfleet pki issue`"));
  }
  return own;
}

absl::string_view HostOf(absl::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return address;
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return host;
}

absl::Status OnlyOnLoopback(absl::string_view address) {
  if (IsLoopback(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", address,
                   "' is not a loopback address, and without TLS nothing else is allowed; "
                   "use certificates"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CoordinatorCredentials(const TlsMaterial& own) {
  if (own.identity.role != Role::kCoordinator) {
    return absl::FailedPreconditionError(
        absl::StrCat("the certificate is that of ", DescribeIdentity(own.identity),
                     "; a coordinator needs one from `jettyfleet pki issue --role coordinator`"));
  }
  grpc::experimental::TlsServerCredentialsOptions options(ProviderOf(own));
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  Prepare(own, Accepts::kWholeFleet, &options);
  return grpc::experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> PeerCredentials(const TlsMaterial& own) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(ProviderOf(own));
  options.set_verify_server_certs(true);
  Prepare(own, Accepts::kCoordinatorOnly, &options);
  return grpc::experimental::TlsCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CoordinatorCredentials(const TlsFiles& files) {
  const absl::StatusOr<TlsMaterial> own = LoadNow(files);
  if (!own.ok()) return own.status();
  return CoordinatorCredentials(*own);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> PeerCredentials(const TlsFiles& files) {
  const absl::StatusOr<TlsMaterial> own = LoadNow(files);
  if (!own.ok()) return own.status();
  return PeerCredentials(*own);
}

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return true;
  const std::string host(HostOf(address));
  if (host == "localhost") return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> InsecureCoordinatorCredentials(absl::string_view address) {
  if (absl::Status loopback = OnlyOnLoopback(address); !loopback.ok()) return loopback;
  return grpc::InsecureServerCredentials();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> InsecurePeerCredentials(absl::string_view address) {
  if (absl::Status loopback = OnlyOnLoopback(address); !loopback.ok()) return loopback;
  return grpc::InsecureChannelCredentials();
}

}  // namespace jettyfleet
