#include "agent/observe/haproxy_stat.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

// srv_admin_state: forced, inherited and unresolved-name maintenance; forced and inherited drain. 0x04 only says that
// the configuration disables the server, and stays when it is made ready; 0x40 that its name was set at run time.
constexpr uint32_t kMaintBits = 0x01 | 0x02 | 0x20;
constexpr uint32_t kDrainBits = 0x08 | 0x10;

using Row = std::vector<std::string>;

std::string Cell(const Row& row, const std::map<std::string, std::size_t>& columns, const char* name) {
  const auto found = columns.find(name);
  return found == columns.end() || found->second >= row.size() ? "" : row[found->second];
}

std::map<std::string, std::size_t> ColumnsOf(const Row& names) {
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < names.size(); ++i) columns[names[i]] = i;
  return columns;
}

uint64_t Number(const std::string& text) {
  uint64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

}  // namespace

absl::StatusOr<std::vector<v1::LbServerFact>> ParseShowStat(const std::string& csv) {
  std::vector<v1::LbServerFact> servers;
  std::map<std::string, std::size_t> columns;
  for (absl::string_view line : absl::StrSplit(csv, '\n', absl::SkipWhitespace())) {
    if (absl::ConsumePrefix(&line, "# ")) {
      columns = ColumnsOf(absl::StrSplit(line, ','));
      continue;
    }
    if (columns.empty()) return absl::InvalidArgumentError("HAProxy's show stat has no header line");
    for (const char* const needed : {"pxname", "svname", "status", "check_status", "scur", "stot", "lastchg", "type"}) {
      if (!columns.contains(needed)) {
        return absl::InvalidArgumentError(absl::StrCat("HAProxy's show stat has no column ", needed));
      }
    }
    const Row row = absl::StrSplit(line, ',');
    if (Cell(row, columns, "type") != "2") continue;  // 2: a server
    v1::LbServerFact& server = servers.emplace_back();
    server.set_backend(Cell(row, columns, "pxname"));
    server.set_server(Cell(row, columns, "svname"));
    server.set_status(Cell(row, columns, "status"));
    // "* L7OK" while a check is under way.
    server.set_check_status(std::string(absl::StripPrefix(Cell(row, columns, "check_status"), "* ")));
    server.set_current_sessions(static_cast<uint32_t>(Number(Cell(row, columns, "scur"))));
    server.set_total_requests(Number(Cell(row, columns, "stot")));
    server.set_cumulative_sessions(server.total_requests());
    server.set_check_age_s(static_cast<uint32_t>(Number(Cell(row, columns, "lastchg"))));
  }
  if (columns.empty()) return absl::InvalidArgumentError("HAProxy's show stat is empty");
  return servers;
}

absl::Status ReadAdminStates(const std::string& text, std::vector<v1::LbServerFact>* servers) {
  std::map<std::string, std::size_t> columns;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    if (absl::ConsumePrefix(&line, "# ")) {
      columns = ColumnsOf(absl::StrSplit(line, ' '));
      continue;
    }
    if (columns.empty()) continue;  // the format's version stands first
    const Row row = absl::StrSplit(line, ' ');
    uint32_t bits = 0;
    if (!absl::SimpleAtoi(Cell(row, columns, "srv_admin_state"), &bits)) {
      return absl::InvalidArgumentError("HAProxy's show servers state has no administrative state");
    }
    for (v1::LbServerFact& server : *servers) {
      if (server.backend() != Cell(row, columns, "be_name") || server.server() != Cell(row, columns, "srv_name"))
        continue;
      server.set_admin_state((bits & kMaintBits) != 0   ? v1::LbServerFact::ADMIN_STATE_MAINT
                             : (bits & kDrainBits) != 0 ? v1::LbServerFact::ADMIN_STATE_DRAIN
                                                        : v1::LbServerFact::ADMIN_STATE_READY);
      // As set at run time: `show stat` has what slow start has made of it.
      server.set_weight(static_cast<uint32_t>(Number(Cell(row, columns, "srv_uweight"))));
      server.set_initial_weight(static_cast<uint32_t>(Number(Cell(row, columns, "srv_iweight"))));
      server.set_port(static_cast<uint32_t>(Number(Cell(row, columns, "srv_port"))));
      if (const std::string address = Cell(row, columns, "srv_addr"); address != "-") server.set_address(address);
      if (const std::string name = Cell(row, columns, "srv_fqdn"); name != "-") server.set_host_name(name);
    }
  }
  if (columns.empty()) return absl::InvalidArgumentError("HAProxy's show servers state has no header line");
  return absl::OkStatus();
}

}  // namespace jettyfleet
