// Who is calling an RPC, and whether they may.
#ifndef JETTYFLEET_COMMON_TLS_CALLER_H_
#define JETTYFLEET_COMMON_TLS_CALLER_H_

#include <grpcpp/server_context.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/identity.h"
#include "common/tls/deny_list.h"

namespace jettyfleet {

struct Caller {
  Identity identity;
  std::string serial;  // empty when insecure
};

// From the certificate that TLS has verified (see CoordinatorCredentials). Unauthenticated: there is none, or it does
// not say who its holder is.
absl::StatusOr<Caller> CallerOf(const grpc::ServerContextBase& context);

// The door of the coordinator's server. Owned by main; any thread may call it.
class CallerGate {
 public:
  // `deny_list` is borrowed and outlives it. `insecure` belongs to InsecureCoordinatorCredentials: every caller is then
  // the operator "insecure" of fleet "insecure". Agents are never let in without a certificate.
  CallerGate(DenyList* deny_list, bool insecure) : deny_list_(deny_list), insecure_(insecure) {}

  // OK: this caller may call `method` (see Authorize). Unauthenticated, PermissionDenied or Unavailable otherwise, with
  // one line for the caller.
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context, absl::string_view method);

 private:
  absl::StatusOr<Caller> Recognise(const grpc::ServerContextBase& context);

  DenyList* const deny_list_;
  const bool insecure_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_TLS_CALLER_H_
