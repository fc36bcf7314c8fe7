#include "common/tls/caller.h"

#include <grpc/grpc_security_constants.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/pki/certificate.h"
#include "common/tls/authorize.h"

namespace jettyfleet {

absl::StatusOr<Caller> CallerOf(const grpc::ServerContextBase& context) {
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) {
    return absl::UnauthenticatedError("a client certificate is needed; `jettyfleet pki issue` makes one");
  }
  const std::vector<grpc::string_ref> pem = peer->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.size() != 1) return absl::UnauthenticatedError("the connection does not show one client certificate");
  absl::StatusOr<CertificateInfo> info = InspectCertificate(absl::string_view(pem[0].data(), pem[0].size()));
  if (!info.ok()) return absl::UnauthenticatedError(absl::StrCat("the client certificate: ", info.status().message()));
  absl::StatusOr<Identity> identity = ParseIdentity(info->uri);
  if (!identity.ok()) return absl::UnauthenticatedError(identity.status().message());
  return Caller{*std::move(identity), std::move(info->serial)};
}

absl::StatusOr<Caller> CallerGate::Admit(const grpc::ServerContextBase& context, absl::string_view method) {
  absl::StatusOr<Caller> caller = Recognise(context);
  if (!caller.ok()) return caller;
  if (absl::Status may = Authorize(caller->identity, method); !may.ok()) return may;
  return caller;
}

absl::StatusOr<Caller> CallerGate::Recognise(const grpc::ServerContextBase& context) {
  if (insecure_) return Caller{Identity{"insecure", Role::kOperator, "", "insecure"}, ""};
  absl::StatusOr<Caller> caller = CallerOf(context);
  if (!caller.ok()) return caller;
  if (absl::Status denied = deny_list_->Check(caller->serial); !denied.ok()) return denied;
  return caller;
}

}  // namespace jettyfleet
