#include "agent/act/outcome.h"

#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kLineLimitBytes = 400;

v1::ActionResult Make(v1::ActionResult::Outcome outcome, absl::string_view message) {
  v1::ActionResult result;
  result.set_outcome(outcome);
  result.set_message(OneLine(message));
  return result;
}

std::string LastMeaningfulLine(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipWhitespace());
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    // cibadmin prints the CIB that it would not take, as XML, around the line that says why.
    const absl::string_view stripped = absl::StripAsciiWhitespace(*line);
    if (stripped[0] != '<' && !absl::ascii_isdigit(stripped[0])) return OneLine(stripped);
  }
  return "";
}

}  // namespace

std::string OneLine(absl::string_view text) {
  std::string line(absl::StripAsciiWhitespace(text.substr(0, kLineLimitBytes)));
  for (char& c : line) {
    // Above ASCII would be fine in UTF-8, but a cut or damaged sequence would make the whole message unsendable.
    if (!absl::ascii_isprint(c)) c = absl::ascii_isspace(c) || absl::ascii_iscntrl(c) ? ' ' : '?';
  }
  return line;
}

v1::ActionResult Done() { return Make(v1::ActionResult::OUTCOME_DONE, ""); }

v1::ActionResult DoneUntil(absl::Time lease_ends_at) {
  v1::ActionResult result = Done();
  *result.mutable_lease_ends_at() = ToProto(lease_ends_at);
  return result;
}

v1::ActionResult Refused(absl::string_view message) { return Make(v1::ActionResult::OUTCOME_REFUSED, message); }
v1::ActionResult Failed(absl::string_view message) { return Make(v1::ActionResult::OUTCOME_FAILED, message); }
v1::ActionResult TimedOut(absl::string_view message) { return Make(v1::ActionResult::OUTCOME_TIMED_OUT, message); }

v1::ActionResult ResultOf(const absl::Status& status) {
  if (status.ok()) return Done();
  const absl::string_view message = status.message();
  return absl::IsDeadlineExceeded(status) ? TimedOut(message) : Failed(message);
}

std::string WhyItFailed(const CommandResult& result) {
  if (!result.status.ok()) return OneLine(absl::string_view(result.status.message()));
  std::string said = LastMeaningfulLine(result.err);
  if (said.empty()) said = LastMeaningfulLine(result.out);
  if (said.empty()) said = "it said nothing";
  if (result.signal != 0) return absl::StrCat("ended by signal ", result.signal, ": ", said);
  return absl::StrCat("exit ", result.exit_code, ": ", said);
}

v1::ActionResult WithoutEffect(absl::string_view what, const CommandResult& result) {
  const std::string message = absl::StrCat(what, ": ", WhyItFailed(result));
  if (result.status.code() == absl::StatusCode::kDeadlineExceeded) return TimedOut(message);
  return Failed(message);
}

}  // namespace jettyfleet
