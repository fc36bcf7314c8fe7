#include "agent/act/disable_unit.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostTimers = 16;

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> ShowTriggers(const std::string& service) {
  return {"systemctl", "show", "--property=TriggeredBy", "--value", service};
}

std::vector<std::string> Systemctl(const std::string& verb, const std::vector<std::string>& units) {
  std::vector<std::string> argv = {"systemctl", verb};
  argv.insert(argv.end(), units.begin(), units.end());
  return argv;
}

std::vector<std::string> WithTimers(const std::string& service, const std::string& triggers) {
  std::vector<std::string> units = {service};
  for (const absl::string_view word : absl::StrSplit(triggers, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    if (absl::EndsWith(word, ".timer") && units.size() <= kMostTimers) units.emplace_back(word);
  }
  return units;
}

// What `systemctl is-enabled` printed about each of `units`, one word a line, in their order. Its exit code says less.
// What is enabled until the next boot only (enabled-runtime) is not started by one.
struct AtBoot {
  bool known = false;
  std::vector<std::string> enabled;
};

AtBoot ReadAtBoot(const std::vector<std::string>& units, const CommandResult& asked) {
  const std::vector<std::string> words = absl::StrSplit(asked.out, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  AtBoot at_boot;
  at_boot.known = asked.status.ok() && words.size() == units.size();
  for (std::size_t i = 0; at_boot.known && i < units.size(); ++i) {
    if (words[i] == "enabled") at_boot.enabled.push_back(units[i]);
  }
  return at_boot;
}

}  // namespace

Task<v1::ActionResult> DisableUnit(Tools& tools, v1::DisableUnit act) {
  const std::string service = absl::StrCat(act.unit(), ".service");
  const CommandResult triggers = co_await tools.Run(ShowTriggers(service));
  if (!triggers.status.ok() || triggers.exit_code != 0) {
    co_return Refused(absl::StrCat("cannot ask systemd what starts ", service, ": ", WhyItFailed(triggers)));
  }
  const std::vector<std::string> units = WithTimers(service, triggers.out);
  CommandResult asked = co_await tools.Run(Systemctl("is-enabled", units));
  AtBoot at_boot = ReadAtBoot(units, asked);
  if (!at_boot.known) {
    co_return Refused(
        absl::StrCat("cannot see what is enabled at boot: systemctl is-enabled ", service, ": ", WhyItFailed(asked)));
  }
  if (at_boot.enabled.empty()) co_return Done();
  const CommandResult acted = co_await tools.Run(Systemctl("disable", at_boot.enabled));
  asked = co_await tools.Run(Systemctl("is-enabled", units));
  at_boot = ReadAtBoot(units, asked);
  if (at_boot.known && at_boot.enabled.empty()) co_return Done();
  const std::string found = at_boot.known ? absl::StrCat(absl::StrJoin(at_boot.enabled, " and "), " still enabled")
                                          : absl::StrCat("cannot see what became of ", service);
  co_return WithoutEffect(absl::StrCat(found, ": systemctl"), acted);
}

}  // namespace jettyfleet
