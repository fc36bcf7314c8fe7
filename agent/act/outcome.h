// The results of actions, and how a program's end becomes one.
#ifndef JETTYFLEET_AGENT_ACT_OUTCOME_H_
#define JETTYFLEET_AGENT_ACT_OUTCOME_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/process.h"
#include "proto/action.pb.h"

namespace jettyfleet {

v1::ActionResult Done();
v1::ActionResult DoneUntil(absl::Time lease_ends_at);
// Nothing was changed.
v1::ActionResult Refused(absl::string_view message);
// What was changed is unknown until observed.
v1::ActionResult Failed(absl::string_view message);
v1::ActionResult TimedOut(absl::string_view message);

// DONE, FAILED or TIMED_OUT.
v1::ActionResult ResultOf(const absl::Status& status);

// One line why `result` is not a success: what the program said last on stderr (or stdout), or how it ended.
std::string WhyItFailed(const CommandResult& result);

// For a command whose effect was looked for and not found: FAILED, or TIMED_OUT where the deadline ended it.
v1::ActionResult WithoutEffect(absl::string_view what, const CommandResult& result);

// `text` as one bounded line without control characters.
std::string OneLine(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_OUTCOME_H_
