#include "agent/act/fault/fence_node.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/act/fault/fault_gate.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// A function, because GCC 12 miscompiles initializer lists inside coroutines. The tag is for Pacemaker's own log and
// history.
std::vector<std::string> RebootCommand(const std::string& node) {
  return {"stonith_admin", absl::StrCat("--reboot=", node), "--tag=jettyfleet"};
}

}  // namespace

Task<v1::ActionResult> FenceNode(FaultHands& hands, v1::FenceNode act) {
  if (act.node() == hands.options.node) {
    co_return Refused(absl::StrCat(act.node(), " is this host itself: ask the agent of another node"));
  }
  FaultGate gate = GateOf(hands, "");
  gate.fenced = act.node();
  const v1::ActionResult passed = co_await PassFaultGate(hands.cib, gate);
  if (passed.outcome() != v1::ActionResult::OUTCOME_DONE) co_return passed;
  const absl::Status noted = hands.note_begun();
  if (!noted.ok()) co_return Refused(absl::string_view(noted.message()));
  const CommandResult fenced = co_await hands.cib.tools().Run(RebootCommand(act.node()));
  if (fenced.status.ok() && fenced.exit_code == 0) co_return Done();
  co_return WithoutEffect("stonith_admin --reboot", fenced);
}

}  // namespace jettyfleet
