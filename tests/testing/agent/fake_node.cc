#include "tests/testing/agent/fake_node.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jettyfleet {
namespace {

CommandResult Exit(int code, std::string out = "", std::string err = "") {
  CommandResult result;
  result.exit_code = code;
  result.out = std::move(out);
  result.err = std::move(err);
  return result;
}

CommandResult NoTable(const std::string& table) {
  return Exit(1, "",
              absl::StrCat("Error: No such file or directory\nlist table inet ", table, "\n                ^^^^\n"));
}

}  // namespace

std::optional<CommandResult> FakeNode::Run(const std::vector<std::string>& argv) {
  if (argv[0] == "nft") return Nft(argv);
  if (argv[0] == "corosync-cfgtool") return CommandResult{.status = absl::OkStatus(), .exit_code = 0, .out = links};
  if (argv[0] == "stonith_admin") return StonithAdmin(argv);
  if (argv[0] == "systemctl") return Systemctl(argv);
  return std::nullopt;
}

std::optional<CommandResult> FakeNode::Systemctl(const std::vector<std::string>& argv) {
  if (argv[1] == "show" && argv[2] == "--property=ActiveState") {
    const auto found = units.find(argv.back());
    const Unit unit = found == units.end() ? Unit() : found->second;
    // In an order of its own, whatever was asked for.
    return Exit(0, absl::StrCat("MainPID=", unit.main_process, "\nControlGroup=", unit.control_group,
                                "\nActiveState=", unit.active_state, "\n"));
  }
  if (argv[1] == "is-enabled") {
    std::string out;
    bool all = true;
    for (std::size_t i = 2; i < argv.size(); ++i) {
      const auto found = units.find(argv[i]);
      if (found == units.end()) return std::nullopt;
      absl::StrAppend(&out, found->second.file_state, "\n");
      all = all && found->second.file_state == "enabled";
    }
    return Exit(all ? 0 : 1, out);
  }
  if (argv[1] == "stop" && argv[2] == "--no-block") {
    stopped.push_back(argv[3]);
    return Exit(0);
  }
  return std::nullopt;
}

CommandResult FakeNode::Nft(const std::vector<std::string>& argv) {
  if (argv[1] != "list") return RunScript(argv[1]);
  if (argv[2] == "tables") {
    std::string out;
    for (const auto& [name, rules] : tables) absl::StrAppend(&out, "table inet ", name, "\n");
    return Exit(0, out);
  }
  const auto found = tables.find(argv[4]);
  if (found == tables.end()) return NoTable(argv[4]);
  return Exit(0, absl::StrCat("table inet ", argv[4], " {\n", found->second, "}\n"));
}

CommandResult FakeNode::RunScript(const std::string& script) {
  std::map<std::string, std::string> after = tables;
  for (const absl::string_view line : absl::StrSplit(script, '\n')) {
    // VERB WHAT inet TABLE ...
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 4));
    if (words.size() < 4 || words[2] != "inet") return Exit(1, "", "Error: syntax error, unexpected string\n");
    const std::string& table = words[3];
    if (words[0] == "add" && words[1] == "table") {
      after.try_emplace(table);
    } else if (after.count(table) == 0) {
      return NoTable(table);
    } else if (words[0] == "delete") {
      after.erase(table);
    } else {
      absl::StrAppend(&after[table], words[1], " ", words[4], "\n");
    }
  }
  tables = std::move(after);
  return Exit(0);
}

CommandResult FakeNode::StonithAdmin(const std::vector<std::string>& argv) {
  absl::string_view node = argv[1];
  if (absl::ConsumePrefix(&node, "--reboot=")) {
    fenced.emplace_back(node);
    return Exit(0);
  }
  absl::ConsumePrefix(&node, "--list=");
  const auto found = devices.find(std::string(node));
  const int count = found == devices.end() ? 0 : found->second;
  std::string items;
  for (int i = 0; i < count; ++i) absl::StrAppend(&items, "    <item name=\"device\">switch-", i, "</item>\n");
  return Exit(0, absl::StrCat("<pacemaker-result api-version=\"2.25\" request=\"stonith_admin --list=", node,
                              " --output-as=xml\">\n  <list name=\"registered fence devices\" count=\"", count, "\">\n",
                              items, "  </list>\n  <status code=\"0\" message=\"OK\"/>\n</pacemaker-result>\n"));
}

}  // namespace jettyfleet
