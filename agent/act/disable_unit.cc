#include "agent/act/disable_unit.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostTimers = 16;

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> ShowTriggers(const std::string& service) {
  return {"systemctl", "show", "--property=TriggeredBy", "--value", service};
}

std::vector<std::string> Disable(const std::string& service, const std::string& triggers) {
  std::vector<std::string> argv = {"systemctl", "disable", service};
  for (const absl::string_view trigger : absl::StrSplit(triggers, ' ', absl::SkipEmpty())) {
    const std::string unit(absl::StripAsciiWhitespace(trigger));
    if (absl::EndsWith(unit, ".timer") && argv.size() < 3 + kMostTimers) argv.push_back(unit);
  }
  return argv;
}

std::vector<std::string> IsEnabled(const std::string& service) { return {"systemctl", "is-enabled", service}; }

}  // namespace

Task<v1::ActionResult> DisableUnit(Tools& tools, v1::DisableUnit act) {
  const std::string service = absl::StrCat(act.unit(), ".service");
  const CommandResult triggers = co_await tools.Run(ShowTriggers(service));
  if (!triggers.status.ok() || triggers.exit_code != 0) {
    co_return Refused(absl::StrCat("cannot ask systemd what starts ", service, ": ", WhyItFailed(triggers)));
  }
  const CommandResult acted = co_await tools.Run(Disable(service, triggers.out));
  const CommandResult state = co_await tools.Run(IsEnabled(service));
  const std::string word(absl::StripAsciiWhitespace(state.out));
  if (word != "enabled" && word != "enabled-runtime" && !word.empty()) co_return Done();
  co_return WithoutEffect(absl::StrCat(service, " is ", word.empty() ? "in an unknown state" : word, ": systemctl"),
                          acted);
}

}  // namespace jettyfleet
