// `jettyfleet check`.
#ifndef JETTYFLEET_CLIENT_COMMAND_CHECK_COMMAND_H_
#define JETTYFLEET_CLIENT_COMMAND_CHECK_COMMAND_H_

#include <string>

#include "absl/time/time.h"
#include "client/exit_code.h"
#include "client/session.h"

namespace jettyfleet {

struct CheckArguments {
  std::string cluster;  // empty: the only one
  bool rehash = false;
  bool diff = false;
  bool all = false;
  std::string only;  // an area or an id; empty: everything
  bool watch = false;
  absl::Duration interval = absl::Seconds(10);
  absl::Duration retry_after = absl::Seconds(1);
};

// Yes: everything that counts passed; where `only` is given, everything of it.
//
// With `watch` until Ctrl-C: the whole once, then what changes. A connection that is lost is made again; a coordinator
// that cannot be reached at first is an error. The exit code is then that of the last report.
ExitCode RunCheck(Session& session, const CheckArguments& arguments);

// What there is to be checked, and one of them in full. The coordinator knows them.
ExitCode RunCheckList(Session& session);
ExitCode RunCheckExplain(Session& session, const std::string& id);

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_COMMAND_CHECK_COMMAND_H_
