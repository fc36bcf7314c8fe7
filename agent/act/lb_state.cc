#include "agent/act/lb_state.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// srv_admin_state of HAProxy's management guide: forced maintenance, forced drain. 0x04 only says that the
// configuration disables the server, and stays when it is made ready (seen on 2.6).
constexpr int kForcedMaint = 0x01;
constexpr int kForcedDrain = 0x08;
constexpr uint32_t kMostWeight = 256;  // HAProxy's own limit

}  // namespace

std::string StateWord(v1::LbServerFact::AdminState state) {
  switch (state) {
    case v1::LbServerFact::ADMIN_STATE_READY:
      return "ready";
    case v1::LbServerFact::ADMIN_STATE_DRAIN:
      return "drain";
    case v1::LbServerFact::ADMIN_STATE_MAINT:
      return "maint";
    default:
      return "unknown";
  }
}

absl::StatusOr<LbServerState> ParseServerState(absl::string_view answer, const std::string& backend,
                                               const std::string& server) {
  if (absl::StartsWith(answer, "Can't find backend")) {
    return absl::NotFoundError(absl::StrCat("HAProxy has no backend ", backend));
  }
  const std::vector<absl::string_view> lines = absl::StrSplit(answer, '\n', absl::SkipWhitespace());
  if (lines.size() < 2 || lines[0] != "1" || !absl::StartsWith(lines[1], "# ")) {
    return absl::InvalidArgumentError(absl::StrCat("HAProxy's server states are not in format 1: ", OneLine(answer)));
  }
  const std::vector<absl::string_view> columns = absl::StrSplit(lines[1].substr(2), ' ', absl::SkipEmpty());
  const auto index_of = [&columns](absl::string_view name) {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  const std::size_t backend_at = index_of("be_name");
  const std::size_t server_at = index_of("srv_name");
  const std::size_t state_at = index_of("srv_admin_state");
  const std::size_t weight_at = index_of("srv_uweight");
  const std::size_t configured_at = index_of("srv_iweight");
  const std::size_t address_at = index_of("srv_addr");
  const std::size_t port_at = index_of("srv_port");
  for (std::size_t i = 2; i < lines.size(); ++i) {
    const std::vector<absl::string_view> fields = absl::StrSplit(lines[i], ' ', absl::SkipEmpty());
    if (fields.size() <= std::max({backend_at, server_at, state_at, weight_at, configured_at, address_at, port_at})) {
      continue;
    }
    if (fields[backend_at] != backend || fields[server_at] != server) continue;
    int flags = 0;
    LbServerState state;
    if (!absl::SimpleAtoi(fields[state_at], &flags) || !absl::SimpleAtoi(fields[weight_at], &state.weight) ||
        !absl::SimpleAtoi(fields[configured_at], &state.configured_weight) ||
        !absl::SimpleAtoi(fields[port_at], &state.port) || state.weight > kMostWeight ||
        state.configured_weight > kMostWeight || state.port > 65535) {
      return absl::InvalidArgumentError(
          absl::StrCat("HAProxy's server state, weight or port is no number in range: ", OneLine(lines[i])));
    }
    state.address = std::string(fields[address_at]);
    state.admin = (flags & kForcedMaint) != 0   ? v1::LbServerFact::ADMIN_STATE_MAINT
                  : (flags & kForcedDrain) != 0 ? v1::LbServerFact::ADMIN_STATE_DRAIN
                                                : v1::LbServerFact::ADMIN_STATE_READY;
    return state;
  }
  return absl::NotFoundError(absl::StrCat("HAProxy's backend ", backend, " has no server ", server));
}

Task<absl::StatusOr<LbServerState>> ReadServerState(Tools& tools, std::string backend, std::string server) {
  const absl::StatusOr<std::string> answer = co_await tools.AskHaproxy(absl::StrCat("show servers state ", backend));
  if (!answer.ok()) co_return answer.status();
  co_return ParseServerState(*answer, backend, server);
}

Task<absl::Status> SetServerState(Tools& tools, std::string backend, std::string server,
                                  v1::LbServerFact::AdminState state) {
  const std::string word = StateWord(state);
  const absl::StatusOr<std::string> answer =
      co_await tools.AskHaproxy(absl::StrCat("set server ", backend, "/", server, " state ", word));
  if (!answer.ok()) co_return answer.status();
  const absl::StatusOr<LbServerState> now = co_await ReadServerState(tools, backend, server);
  if (!now.ok()) co_return now.status();
  if (now->admin == state) co_return absl::OkStatus();
  // Nothing is said where it worked.
  co_return absl::FailedPreconditionError(absl::StrCat("HAProxy was asked to set ", backend, "/", server, " to ", word,
                                                       " and has it ", StateWord(now->admin), ": ", OneLine(*answer)));
}

}  // namespace jettyfleet
