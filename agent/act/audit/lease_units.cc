#include "agent/act/audit/lease_units.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/act/lease_timer.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// A function, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> ListCommand() {
  // --all: a service that has failed to undo, or a timer that has elapsed, is loaded and not active. --full: names are
  // not cut. --plain: no dot before those that have failed.
  return {"systemctl", "list-units",  "--all",      "--full",
          "--plain",   "--no-legend", "--no-pager", absl::StrCat(kTimerPrefix, "*")};
}

absl::StatusOr<std::vector<std::string>> Parse(const CommandResult& listed) {
  if (!listed.status.ok() || listed.exit_code != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot see which timers are loaded: systemctl list-units: ", WhyItFailed(listed)));
  }
  std::vector<std::string> units;
  for (const absl::string_view line : absl::StrSplit(listed.out, '\n', absl::SkipWhitespace())) {
    // UNIT LOAD ACTIVE SUB DESCRIPTION
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() < 4 || !absl::StartsWith(words[0], kTimerPrefix)) {
      return absl::UnavailableError(absl::StrCat("systemctl list-units says what is no unit of ours: ", OneLine(line)));
    }
    units.emplace_back(words[0]);
  }
  return units;
}

}  // namespace

Task<absl::StatusOr<std::vector<std::string>>> LoadedLeaseUnits(Tools& tools) {
  const CommandResult listed = co_await tools.Run(ListCommand());
  co_return Parse(listed);
}

}  // namespace jettyfleet
