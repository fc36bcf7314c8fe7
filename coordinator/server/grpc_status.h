// The one place where our statuses become gRPC's.
#ifndef JETTYFLEET_COORDINATOR_SERVER_GRPC_STATUS_H_
#define JETTYFLEET_COORDINATOR_SERVER_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace jettyfleet {

// Both count their codes alike (canonical codes).
inline grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_SERVER_GRPC_STATUS_H_
