#include "agent/observe/haproxy_stat.h"

#include <initializer_list>
#include <limits>
#include <map>
#include <utility>

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
constexpr uint32_t kMost32 = std::numeric_limits<uint32_t>::max();
constexpr uint32_t kMostWeight = 256;  // HAProxy's own limit
constexpr char kStat[] = "show stat";
constexpr char kStates[] = "show servers state";

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

absl::Status CheckColumns(const char* what, const std::map<std::string, std::size_t>& columns,
                          std::initializer_list<const char*> needed) {
  for (const char* const name : needed) {
    if (!columns.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat("HAProxy's ", what, " has no column ", name));
    }
  }
  return absl::OkStatus();
}

// The numbers of one row. What cannot be read must not pass for 0, which would say that a server is free of sessions or
// gets no requests: the first one is kept as an error.
class Numbers {
 public:
  Numbers(const char* what, const Row& row, const std::map<std::string, std::size_t>& columns)
      : what_(what), row_(row), columns_(columns) {}

  uint64_t Get(const char* column, uint64_t most) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(Cell(row_, columns_, column), &number) && number <= most) return number;
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(
          absl::StrCat("HAProxy's ", what_, " has a ", column, " that is no number up to ", most));
    }
    return 0;
  }
  uint32_t Get32(const char* column, uint32_t most) { return static_cast<uint32_t>(Get(column, most)); }

  const absl::Status& status() const { return status_; }

 private:
  const char* const what_;
  const Row& row_;
  const std::map<std::string, std::size_t>& columns_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::vector<v1::LbServerFact>> ParseShowStat(const std::string& csv) {
  std::vector<v1::LbServerFact> servers;
  std::map<std::string, std::size_t> columns;
  for (absl::string_view line : absl::StrSplit(csv, '\n', absl::SkipWhitespace())) {
    if (absl::ConsumePrefix(&line, "# ")) {
      columns = ColumnsOf(absl::StrSplit(line, ','));
      const absl::Status complete = CheckColumns(
          kStat, columns, {"pxname", "svname", "status", "check_status", "scur", "stot", "lastchg", "type"});
      if (!complete.ok()) return complete;
      continue;
    }
    if (columns.empty()) return absl::InvalidArgumentError("HAProxy's show stat has no header line");
    const Row row = absl::StrSplit(line, ',');
    if (Cell(row, columns, "type") != "2") continue;  // 2: a server
    v1::LbServerFact& server = servers.emplace_back();
    server.set_backend(Cell(row, columns, "pxname"));
    server.set_server(Cell(row, columns, "svname"));
    server.set_status(Cell(row, columns, "status"));
    // "* L7OK" while a check is under way.
    server.set_check_status(std::string(absl::StripPrefix(Cell(row, columns, "check_status"), "* ")));
    Numbers numbers(kStat, row, columns);
    server.set_current_sessions(numbers.Get32("scur", kMost32));
    server.set_total_requests(numbers.Get("stot", std::numeric_limits<uint64_t>::max()));
    server.set_cumulative_sessions(server.total_requests());
    server.set_check_age_s(numbers.Get32("lastchg", kMost32));
    if (!numbers.status().ok()) return numbers.status();
  }
  if (columns.empty()) return absl::InvalidArgumentError("HAProxy's show stat is empty");
  return servers;
}

absl::Status ReadAdminStates(const std::string& text, std::vector<v1::LbServerFact>* servers) {
  std::map<std::pair<std::string, std::string>, v1::LbServerFact*> by_name;
  for (v1::LbServerFact& server : *servers) by_name.emplace(std::pair(server.backend(), server.server()), &server);
  std::map<std::string, std::size_t> columns;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    if (absl::ConsumePrefix(&line, "# ")) {
      columns = ColumnsOf(absl::StrSplit(line, ' '));
      const absl::Status complete = CheckColumns(
          kStates, columns,
          {"be_name", "srv_name", "srv_addr", "srv_admin_state", "srv_uweight", "srv_iweight", "srv_port"});
      if (!complete.ok()) return complete;
      continue;
    }
    if (columns.empty()) continue;  // the format's version stands first
    const Row row = absl::StrSplit(line, ' ');
    Numbers numbers(kStates, row, columns);
    const uint32_t bits = numbers.Get32("srv_admin_state", kMost32);
    const uint32_t weight = numbers.Get32("srv_uweight", kMostWeight);
    const uint32_t initial_weight = numbers.Get32("srv_iweight", kMostWeight);
    const uint32_t port = numbers.Get32("srv_port", 65535);
    if (!numbers.status().ok()) return numbers.status();
    const auto found = by_name.find({Cell(row, columns, "be_name"), Cell(row, columns, "srv_name")});
    if (found == by_name.end()) continue;
    v1::LbServerFact& server = *found->second;
    server.set_admin_state((bits & kMaintBits) != 0   ? v1::LbServerFact::ADMIN_STATE_MAINT
                           : (bits & kDrainBits) != 0 ? v1::LbServerFact::ADMIN_STATE_DRAIN
                                                      : v1::LbServerFact::ADMIN_STATE_READY);
    // As set at run time: `show stat` has what slow start has made of it.
    server.set_weight(weight);
    server.set_initial_weight(initial_weight);
    server.set_port(port);
    if (const std::string address = Cell(row, columns, "srv_addr"); address != "-") server.set_address(address);
    if (const std::string name = Cell(row, columns, "srv_fqdn"); name != "-") server.set_host_name(name);
  }
  if (columns.empty()) return absl::InvalidArgumentError("HAProxy's show servers state has no header line");
  return absl::OkStatus();
}

}  // namespace jettyfleet
