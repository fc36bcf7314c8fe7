// gRPC credentials for both ends. Mutual TLS, where who one is talking to is the certificate's URI name and never a
// host name: addresses change, and any agent's certificate must not be able to command agents.
#ifndef JETTYFLEET_COMMON_TLS_CREDENTIALS_H_
#define JETTYFLEET_COMMON_TLS_CREDENTIALS_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/tls/tls_files.h"

namespace jettyfleet {

// For the coordinator: asks every caller for a certificate and ends the handshake of one that is not signed by our CA,
// is out of its validity, or whose identity is malformed or of another fleet. FailedPrecondition: `own` is not a
// coordinator's. What the caller may do is decided by common/tls/caller.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CoordinatorCredentials(const TlsMaterial& own);

// For agents and clients: refuses every peer but spiffe://FLEET/coordinator, FLEET being that of `own`.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> PeerCredentials(const TlsMaterial& own);

// The same, straight from the files, checked against the system's clock.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CoordinatorCredentials(const TlsFiles& files);
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> PeerCredentials(const TlsFiles& files);

// Whether `address` ("HOST:PORT", "[::1]:PORT", "unix:PATH") can only be reached from this machine: localhost,
// 127.0.0.0/8, ::1 or a Unix socket.
bool IsLoopback(absl::string_view address);

// Plain text, for trying things out. InvalidArgument: `address` is not a loopback address.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> InsecureCoordinatorCredentials(absl::string_view address);
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> InsecurePeerCredentials(absl::string_view address);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COMMON_TLS_CREDENTIALS_H_
