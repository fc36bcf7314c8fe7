#include "agent/act/fault/packet_filter.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/act/fields.h"
#include "agent/act/outcome.h"

namespace jettyfleet {
namespace {

// Functions, because GCC 12 miscompiles initializer lists inside coroutines. nft reads its last argument as a file's
// text, and does all of it or nothing.
std::vector<std::string> ScriptCommand(std::string script) { return {"nft", std::move(script)}; }
std::vector<std::string> ListTableCommand(const std::string& table) { return {"nft", "list", "table", "inet", table}; }
std::vector<std::string> ListTablesCommand() { return {"nft", "list", "tables", "inet"}; }

// Created first, so that deleting finds one.
std::string RemoveScript(const std::string& table) {
  return absl::StrCat("add table inet ", table, "\ndelete table inet ", table);
}

std::string ChainScript(const std::string& table, absl::string_view chain, absl::string_view hook) {
  return absl::StrCat("\nadd chain inet ", table, " ", chain, " { type filter hook ", hook, " priority -300; }");
}

std::string RuleScript(const std::string& table, absl::string_view chain, absl::string_view rule) {
  return absl::StrCat("\nadd rule inet ", table, " ", chain, " ", rule, " drop");
}

std::string PortScript(const std::string& table, uint16_t port) {
  return absl::StrCat(RemoveScript(table), "\nadd table inet ", table, ChainScript(table, "in", "input"),
                      RuleScript(table, "in", absl::StrCat("tcp dport ", port)));
}

std::string PeersScript(const std::string& table, const std::vector<std::string>& addresses) {
  std::vector<std::string> v4;
  std::vector<std::string> v6;
  for (const std::string& address : addresses) (absl::StrContains(address, ':') ? v6 : v4).push_back(address);
  std::string script = absl::StrCat(RemoveScript(table), "\nadd table inet ", table, ChainScript(table, "in", "input"),
                                    ChainScript(table, "out", "output"));
  const auto add = [&](absl::string_view protocol, const std::vector<std::string>& of) {
    if (of.empty()) return;
    const std::string set = absl::StrCat("{ ", absl::StrJoin(of, ", "), " }");
    absl::StrAppend(&script, RuleScript(table, "in", absl::StrCat(protocol, " saddr ", set)),
                    RuleScript(table, "out", absl::StrCat(protocol, " daddr ", set)));
  };
  add("ip", v4);
  add("ip6", v6);
  return script;
}

// nft points at the place with a last line of its own; the first one says what it is.
std::string WhyNftFailed(const CommandResult& result) {
  const std::vector<std::string> lines = absl::StrSplit(result.err, absl::MaxSplits('\n', 1));
  if (!result.status.ok() || !absl::StartsWith(lines[0], "Error: ")) return WhyItFailed(result);
  return absl::StrCat("exit ", result.exit_code, ": ", OneLine(lines[0]));
}

absl::Status StatusOf(absl::string_view what, const CommandResult& result) {
  if (result.status.ok() && result.exit_code == 0) return absl::OkStatus();
  const absl::StatusCode code = result.status.ok() ? absl::StatusCode::kUnavailable : result.status.code();
  return absl::Status(code, absl::StrCat(what, ": ", WhyNftFailed(result)));
}

Task<absl::Status> Install(Tools& tools, std::string table, std::string script) {
  const CommandResult ran = co_await tools.Run(ScriptCommand(std::move(script)));
  if (!ran.status.ok() || ran.exit_code != 0) co_return StatusOf("nft", ran);
  const CommandResult listed = co_await tools.Run(ListTableCommand(table));
  const absl::Status there =
      StatusOf(absl::StrCat("nft said yes, but its table ", table, " cannot be seen: nft list"), listed);
  if (!there.ok() || absl::StrContains(listed.out, " drop\n")) co_return there;
  co_return absl::UnavailableError(absl::StrCat("nft said yes, but its table ", table, " drops nothing"));
}

}  // namespace

Task<absl::Status> CheckPacketFilter(Tools& tools) {
  const CommandResult listed = co_await tools.Run(ListTablesCommand());
  co_return StatusOf("this host has no nft that works (package nftables)", listed);
}

Task<absl::Status> DropToPort(Tools& tools, std::string table, uint16_t port) {
  co_return co_await Install(tools, table, PortScript(table, port));
}

Task<absl::Status> DropPeers(Tools& tools, std::string table, std::vector<std::string> addresses) {
  co_return co_await Install(tools, table, PeersScript(table, addresses));
}

Task<absl::Status> RemoveTable(Tools& tools, std::string table) {
  const CommandResult removed = co_await tools.Run(ScriptCommand(RemoveScript(table)));
  co_return StatusOf(absl::StrCat("table inet ", table, ": nft"), removed);
}

Task<absl::StatusOr<std::vector<std::string>>> OurTables(Tools& tools) {
  const CommandResult listed = co_await tools.Run(ListTablesCommand());
  if (absl::IsUnavailable(listed.status)) co_return absl::NotFoundError("this host has no nft");
  const absl::Status status = StatusOf("cannot see which tables are in force: nft list tables", listed);
  if (!status.ok()) co_return status;
  std::vector<std::string> ours;
  for (absl::string_view line : absl::StrSplit(listed.out, '\n')) {
    if (absl::ConsumePrefix(&line, "table inet ") && IsLeaseId(line)) ours.emplace_back(line);
  }
  co_return ours;
}

}  // namespace jettyfleet
