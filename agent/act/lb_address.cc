#include "agent/act/lb_address.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "agent/act/lb_state.h"
#include "agent/act/outcome.h"

namespace jettyfleet {

Task<v1::ActionResult> SetLbAddress(Tools& tools, v1::SetLbAddress act) {
  if (!tools.has_haproxy()) co_return Refused("this host's agent has no HAProxy admin socket (--haproxy-socket)");
  const absl::StatusOr<LbServerState> state = co_await ReadServerState(tools, act.backend(), act.server());
  if (!state.ok()) co_return Refused(absl::string_view(state.status().message()));
  if (state->address == act.address() && state->port == act.port()) co_return Done();
  const std::string name = absl::StrCat(act.backend(), "/", act.server());
  const absl::StatusOr<std::string> answer =
      co_await tools.AskHaproxy(absl::StrCat("set server ", name, " addr ", act.address(), " port ", act.port()));
  if (!answer.ok()) co_return ResultOf(answer.status());
  const absl::StatusOr<LbServerState> now = co_await ReadServerState(tools, act.backend(), act.server());
  if (!now.ok()) co_return ResultOf(now.status());
  if (now->address == act.address() && now->port == act.port()) co_return Done();
  co_return Failed(absl::StrCat("HAProxy was asked to reach ", name, " at ", act.address(), " port ", act.port(),
                                " and has ", now->address, " port ", now->port, ": ", OneLine(*answer)));
}

}  // namespace jettyfleet
