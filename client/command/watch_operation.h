// Following one operation to its end.
#ifndef JETTYFLEET_CLIENT_COMMAND_WATCH_OPERATION_H_
#define JETTYFLEET_CLIENT_COMMAND_WATCH_OPERATION_H_

#include <string>

#include "absl/time/time.h"
#include "client/exit_code.h"
#include "client/interrupt.h"
#include "client/session.h"
#include "proto/operation.pb.h"

namespace jettyfleet {

struct WatchArguments {
  std::string cluster;
  std::string operation_id;  // empty: the running one, else the newest
  absl::Duration retry_after = absl::Seconds(1);
  // How long a coordinator may be away in the middle; it takes its operations up again when it is back.
  absl::Duration patience = absl::Minutes(5);
};

// Shows the live view until the operation has ended, then its report; the exit code is that of its result. Ctrl-C
// leaves: the operation goes on, and what to type next is said; the exit code is then "no", since nothing is known of
// the result. `interrupts` is made by the caller before the first call, so that no signal is lost in between.
ExitCode WatchOperation(Session& session, InterruptWatch& interrupts, const WatchArguments& arguments);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_WATCH_OPERATION_H_
