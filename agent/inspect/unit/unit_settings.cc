#include "agent/inspect/unit/unit_settings.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "agent/inspect/jetty/mask_secrets.h"

namespace jettyfleet {
namespace {

// What must be the same on every node, in the order of names. What says how the unit fares just now is not among them.
constexpr const char* kSettings[] = {
    "CacheDirectory",
    "DynamicUser",
    "Environment",
    "EnvironmentFiles",
    "ExecStart",
    "ExecStartPre",
    "ExecStop",
    "FragmentPath",
    "Group",
    "KillMode",
    "LimitNOFILE",
    "LoadState",
    "LogsDirectory",
    "MemoryMax",
    "NeedDaemonReload",
    "PrivateTmp",
    "ProtectHome",
    "ProtectSystem",
    "ReadOnlyPaths",
    "ReadWritePaths",
    "Restart",
    "RestartUSec",
    "RootDirectory",
    "StateDirectory",
    "SupplementaryGroups",
    "TimeoutStartUSec",
    "TimeoutStopUSec",
    "Type",
    "UnitFileState",
    "User",
    "WorkingDirectory",
};

// Who starts a unit or keeps it started.
constexpr const char* kStarters[] = {"TriggeredBy", "WantedBy", "RequiredBy", "UpheldBy", "BoundBy"};

struct DirectorySetting {
  const char* name;
  const char* parent;
};
constexpr DirectorySetting kDirectories[] = {
    {"StateDirectory", "/var/lib/"}, {"LogsDirectory", "/var/log/"}, {"CacheDirectory", "/var/cache/"}};

bool IsExec(absl::string_view name) { return absl::StartsWith(name, "Exec"); }

// So that a value with blanks in it cannot be taken for two.
std::string Quoted(const std::string& item) {
  return item.empty() || item.find_first_of(" \t\n") != std::string::npos ? absl::StrCat("\"", item, "\"") : item;
}

// NAME=VALUE, also with dashes ahead (-Dname=value).
std::string Masked(const std::string& item) {
  const std::size_t equals = item.find('=');
  if (equals == std::string::npos) return MaskValue(item);
  const std::string name = item.substr(0, equals);
  const std::string value = item.substr(equals + 1);
  return absl::StrCat(name, "=", IsSecretKey(name) && !value.empty() ? MaskOf(value) : MaskValue(value));
}

std::string CommandText(const UnitCommand& command) {
  std::vector<std::string> words;
  for (const std::string& argument : command.argv) words.push_back(Quoted(Masked(argument)));
  return absl::StrCat(command.may_fail ? "-" : "", absl::StrJoin(words, " "));
}

std::string SettingText(const BusProperties& properties, const std::string& name) {
  std::vector<std::string> texts;
  if (IsExec(name)) {
    const auto found = properties.commands.find(name);
    if (found == properties.commands.end()) return "";
    for (const UnitCommand& command : found->second) texts.push_back(CommandText(command));
    return absl::StrJoin(texts, " ; ");
  }
  const std::vector<std::string>& items = properties.All(name);
  for (const std::string& item : items) {
    const std::string text = name == "Environment" ? Masked(item) : item;
    texts.push_back(items.size() > 1 || name == "Environment" ? Quoted(text) : text);
  }
  // systemd does not promise an order of those that it keeps in a set.
  if (name == "SupplementaryGroups" || absl::EndsWith(name, "Paths")) std::sort(texts.begin(), texts.end());
  return absl::StrJoin(texts, " ");
}

void AddPath(absl::string_view path, std::vector<std::string>* paths) {
  // As in a unit file: "-" may be missing, "+" below the unit's own root.
  while (absl::ConsumePrefix(&path, "-") || absl::ConsumePrefix(&path, "+")) continue;
  while (path.size() > 1 && absl::ConsumeSuffix(&path, "/")) continue;
  if (!absl::StartsWith(path, "/")) return;
  std::string text(path);
  if (std::find(paths->begin(), paths->end(), text) == paths->end()) paths->push_back(std::move(text));
}

std::vector<std::string> WritablePaths(const BusProperties& properties) {
  std::vector<std::string> paths;
  for (const std::string& path : properties.All("ReadWritePaths")) AddPath(path, &paths);
  for (const DirectorySetting& setting : kDirectories) {
    for (const std::string& name : properties.All(setting.name)) {
      AddPath(absl::StrCat(setting.parent, name.substr(0, name.find(':'))), &paths);
    }
  }
  return paths;
}

std::vector<std::string> Starters(const BusProperties& properties) {
  std::vector<std::string> units;
  for (const char* const name : kStarters) {
    for (const std::string& unit : properties.All(name)) {
      if (!absl::EndsWith(unit, ".target")) units.push_back(unit);
    }
  }
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  return units;
}

}  // namespace

void SetFromProperties(const BusProperties& properties, UnitState* state) {
  for (const char* const name : kSettings) {
    // A unit that was not found has few properties, an older systemd does not know all.
    if (properties.values.count(name) == 0 && properties.commands.count(name) == 0) continue;
    v1::SettingFact* const setting = state->facts.add_settings();
    setting->set_name(name);
    setting->set_value(SettingText(properties, name));
  }
  for (std::string& unit : Starters(properties)) state->facts.add_started_by(std::move(unit));
  if (const std::string path = properties.One("FragmentPath"); !path.empty()) {
    state->facts.mutable_fragment()->set_path(path);
  }
  for (const std::string& path : properties.All("DropInPaths")) state->facts.add_drop_ins()->set_path(path);

  if (!absl::SimpleAtoi(properties.One("MainPID"), &state->main_pid)) state->main_pid = 0;
  state->user = properties.One("User");
  state->group = properties.One("Group");
  state->working_directory = std::string(absl::StripPrefix(properties.One("WorkingDirectory"), "!"));
  for (const std::string& item : properties.All("Environment")) {
    const std::size_t equals = item.find('=');
    if (equals != std::string::npos) state->environment[item.substr(0, equals)] = item.substr(equals + 1);
  }
  const auto start = properties.commands.find("ExecStart");
  if (start != properties.commands.end() && !start->second.empty()) state->exec_start = start->second.back().argv;
  state->writable_paths = WritablePaths(properties);
}

}  // namespace jettyfleet
