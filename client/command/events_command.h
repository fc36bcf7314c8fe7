// `jettyfleet events`.
#ifndef JETTYFLEET_CLIENT_COMMAND_EVENTS_COMMAND_H_
#define JETTYFLEET_CLIENT_COMMAND_EVENTS_COMMAND_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

struct EventsArguments {
  std::string cluster;
  uint64_t after = 0;
  bool follow = false;
  absl::Duration retry_after = absl::Seconds(1);
};

// With `follow`, a connection that is lost is made again and goes on after the last event that was printed, until
// Ctrl-C. A coordinator that cannot be reached at first is an error.
ExitCode RunEvents(Session& session, const EventsArguments& arguments);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_EVENTS_COMMAND_H_
