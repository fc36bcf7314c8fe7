#include "agent/act/fault/fencing.h"

#include <pugixml.hpp>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines.
std::vector<std::string> ListDevicesCommand(const std::string& node) {
  return {"stonith_admin", absl::StrCat("--list=", node), "--output-as=xml"};
}
std::vector<std::string> IsEnabledCommand() {
  return {"systemctl", "is-enabled", "corosync.service", "pacemaker.service"};
}

absl::Status Unknown(absl::string_view what, const CommandResult& result) {
  const absl::StatusCode code = result.status.ok() ? absl::StatusCode::kUnavailable : result.status.code();
  return absl::Status(code, absl::StrCat(what, ": ", WhyItFailed(result)));
}

}  // namespace

absl::StatusOr<int> ParseFenceDevices(absl::string_view xml) {
  pugi::xml_document document;
  int count = -1;
  if (document.load_buffer(xml.data(), xml.size())) {
    const pugi::xml_node result = document.child("pacemaker-result");
    const bool good = std::string(result.child("status").attribute("code").value()) == "0";
    if (good && absl::SimpleAtoi(result.child("list").attribute("count").value(), &count) && count >= 0) return count;
  }
  return absl::InvalidArgumentError("stonith_admin printed no list of fence devices");
}

Task<absl::Status> CheckFencing(Tools& tools, CibDocument cib, std::string node) {
  const std::string problem = cib.FencingProblem();
  if (!problem.empty()) co_return absl::FailedPreconditionError(problem);
  const CommandResult listed = co_await tools.Run(ListDevicesCommand(node));
  const absl::StatusOr<int> devices = ParseFenceDevices(listed.out);
  if (!listed.status.ok() || !devices.ok()) {
    co_return Unknown("cannot find out which fence devices are registered: stonith_admin", listed);
  }
  if (*devices == 0) {
    co_return absl::FailedPreconditionError(absl::StrCat("no fence device that is registered can reach ", node));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> CheckStartsAtBoot(Tools& tools) {
  const CommandResult asked = co_await tools.Run(IsEnabledCommand());
  // Its exit code says less than its words, one for each unit.
  const std::vector<std::string> words = absl::StrSplit(asked.out, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  if (!asked.status.ok() || words.size() != 2) {
    co_return Unknown("cannot see whether the cluster starts at boot: systemctl is-enabled", asked);
  }
  if (words[0] == "enabled" && words[1] == "enabled") co_return absl::OkStatus();
  co_return absl::FailedPreconditionError(
      OneLine(absl::StrCat("the cluster does not start at boot on this host: corosync is ", words[0], ", pacemaker ",
                           words[1], "; 'pcs cluster enable'")));
}

}  // namespace jettyfleet
