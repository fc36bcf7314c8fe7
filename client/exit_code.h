// What the client's exit status says to scripts.
#ifndef JETTYFLEET_CLIENT_EXIT_CODE_H_
#define JETTYFLEET_CLIENT_EXIT_CODE_H_

#include <grpcpp/support/status.h>

#include "proto/observation.pb.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

enum ExitCode : int {
  kExitYes = 0,
  kExitNo = 1,           // the answer is no, or not known to be yes
  kExitUsage = 2,        // a wrong command line, bad YAML, something that does not exist
  kExitUnreachable = 3,  // unreachable or not authorised
  kExitRefused = 4,      // refused by a gate
};

ExitCode ExitCodeOf(const grpc::Status& status);
// Unknown is not yes.
ExitCode ExitCodeOf(v1::Answer answer);
ExitCode ExitCodeOf(v1::OperationState state);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_EXIT_CODE_H_
