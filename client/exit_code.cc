#include "client/exit_code.h"

namespace jettyfleet {

ExitCode ExitCodeOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::OK:
      return kExitYes;
    case grpc::INVALID_ARGUMENT:
    case grpc::NOT_FOUND:
    case grpc::OUT_OF_RANGE:
    case grpc::ALREADY_EXISTS:
      return kExitUsage;
    case grpc::UNAVAILABLE:
    case grpc::UNAUTHENTICATED:
    case grpc::PERMISSION_DENIED:
    case grpc::DEADLINE_EXCEEDED:
    case grpc::CANCELLED:
    case grpc::UNIMPLEMENTED:
      return kExitUnreachable;
    case grpc::FAILED_PRECONDITION:
    case grpc::ABORTED:
    case grpc::RESOURCE_EXHAUSTED:
      return kExitRefused;
    case grpc::UNKNOWN:
    case grpc::INTERNAL:
    case grpc::DATA_LOSS:
    case grpc::DO_NOT_USE:
      return kExitNo;
  }
  return kExitNo;
}

ExitCode ExitCodeOf(v1::Answer answer) { return answer == v1::ANSWER_YES ? kExitYes : kExitNo; }

ExitCode ExitCodeOf(v1::OperationState state) {
  if (state == v1::OPERATION_STATE_PASSED) return kExitYes;
  if (state == v1::OPERATION_STATE_REFUSED) return kExitRefused;
  return kExitNo;
}

}  // namespace jettyfleet
