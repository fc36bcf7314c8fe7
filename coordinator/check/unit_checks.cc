#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/check/verdict.h"
#include "coordinator/plan/cib_values.h"
#include "coordinator/plan/resource_plan.h"

namespace jettyfleet {
namespace {

// Written by Pacemaker where it manages an instance, and gone again: no difference between nodes.
bool IsPacemakers(const v1::FileFact& drop_in) {
  return absl::StartsWith(drop_in.path(), "/run/systemd/") && absl::StrContains(drop_in.path(), "pacemaker");
}

// What that drop-in changes, and what differs by nature.
const std::set<std::string>& NotCompared() {
  static const auto* const names = new std::set<std::string>{"Restart", "NeedDaemonReload", "UnitFileState"};
  return *names;
}

Seen OfUnit(const CheckInput& input, const v1::ResourceDescription& resource, const std::string& node,
            const std::function<Seen(const v1::UnitSettingsFact&)>& look) {
  const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
  if (inspected == nullptr) return NotSeen(WhyNotInspected(input, node));
  if (!inspected->unit().error().empty()) return NotSeen(inspected->unit().error());
  return look(inspected->unit());
}

Seen OfSetting(const CheckInput& input, const v1::ResourceDescription& resource, const std::string& node,
               const std::string& name, const std::function<bool(const std::string&)>& good) {
  return OfUnit(input, resource, node, [&](const v1::UnitSettingsFact& unit) {
    const std::optional<std::string> value = SettingOf(unit, name);
    if (!value.has_value()) return NotSeen(absl::StrCat("systemd names no ", name));
    const std::string text = absl::StrCat(name, "=", *value);
    return good(*value) ? Good(text) : Bad(text);
  });
}

Verdict Found(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfSetting(input, resource, node, "LoadState", [](const std::string& value) { return value == "loaded"; });
      },
      absl::StrCat(resource.unit(), ".service is on every node"), absl::StrCat(resource.unit(), ".service is not loaded"));
}

Verdict NotMasked(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfSetting(input, resource, node, "LoadState", [](const std::string& value) { return value != "masked"; });
      },
      "masked nowhere", "masked");
}

Verdict NotAtBoot(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfSetting(input, resource, node, "UnitFileState",
                         [](const std::string& value) { return value != "enabled" && value != "enabled-runtime"; });
      },
      "the cluster alone starts it", "systemd starts it at boot, beside the cluster,");
}

Verdict NoTimers(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfUnit(input, resource, node, [](const v1::UnitSettingsFact& unit) {
          return unit.started_by().empty() ? Good("nothing") : Bad(absl::StrJoin(unit.started_by(), ", "));
        });
      },
      "no timer or other unit starts it", "another unit starts it");
}

// Pacemaker sets Restart=no with a drop-in of its own when it starts an instance: only there does it count.
Verdict NoRestart(const CheckInput& input, const v1::ResourceDescription& resource) {
  const std::vector<std::string> running = RunningNodes(input, resource);
  if (running.empty()) return Unknown("no instance is started");
  return OnEach(
      running,
      [&](const std::string& node) {
        return OfSetting(input, resource, node, "Restart", [](const std::string& value) { return value == "no"; });
      },
      "systemd restarts nothing that the cluster runs", "systemd restarts it behind the cluster's back");
}

Verdict Identical(const CheckInput& input, const v1::ResourceDescription& resource) {
  std::map<std::string, std::map<std::string, std::string>> values;  // by setting, by node
  std::vector<std::string> unknown;
  const std::vector<std::string> nodes = NodesOf(input);
  for (const std::string& node : nodes) {
    const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
    if (inspected == nullptr || !inspected->unit().error().empty()) {
      unknown.push_back(node);
      continue;
    }
    for (const v1::SettingFact& setting : inspected->unit().settings()) {
      if (!NotCompared().contains(setting.name())) values[setting.name()][node] = setting.value();
    }
    const auto file = [&](const char* what, const v1::FileFact& fact) {
      values[absl::StrCat(what, " ", fact.path())][node] =
          fact.error().empty() ? absl::StrCat("SHA-256 ", Hex(fact.sha256())) : fact.error();
    };
    if (!inspected->unit().fragment().path().empty()) file("file", inspected->unit().fragment());
    for (const v1::FileFact& drop_in : inspected->unit().drop_ins()) {
      if (!IsPacemakers(drop_in)) file("drop-in", drop_in);
    }
    for (const v1::FileFact& environment : inspected->unit().environment_files()) file("environment file", environment);
  }
  Verdict verdict = Passed("the same on every node");
  std::vector<std::string> differing;
  for (const auto& [name, by_node] : values) {
    std::set<std::string> different;
    for (const std::string& node : nodes) {
      if (std::count(unknown.begin(), unknown.end(), node) > 0) continue;
      const auto found = by_node.find(node);
      different.insert(found == by_node.end() ? "none" : found->second);
    }
    if (different.size() < 2) continue;
    differing.push_back(name);
    for (const auto& [node, value] : by_node) verdict.evidence.emplace_back(node, absl::StrCat(name, ": ", value));
  }
  if (!differing.empty()) {
    verdict.passed = v1::ANSWER_NO;
    verdict.summary = absl::StrCat("nodes differ in ", absl::StrJoin(differing, ", "));
  } else if (!unknown.empty()) {
    verdict.passed = v1::ANSWER_UNSPECIFIED;
    verdict.summary = absl::StrCat("not known on ", absl::StrJoin(unknown, ", "));
    verdict.hosts = unknown;
  }
  return verdict;
}

Verdict StopTimeout(const CheckInput& input, const v1::ResourceDescription& resource) {
  const v1::CibFact* const cib = DcCib(input);
  const v1::PrimitiveFact* const primitive = cib == nullptr ? nullptr : FindResource(resource, *cib);
  if (primitive == nullptr) return Unknown("the cluster's stop operation is not known");
  int64_t theirs = 20'000;  // Pacemaker's default, where neither the operation nor op_defaults give one
  for (const v1::OperationFact* const stop : OperationsNamed(*primitive, "stop")) {
    const int64_t given = IntervalMilliseconds(stop->timeout());
    if (given > 0) theirs = given;
  }
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfUnit(input, resource, node, [&](const v1::UnitSettingsFact& unit) {
          const std::string own = SettingOf(unit, "TimeoutStopUSec").value_or("");
          int64_t microseconds = 0;
          if (own == "infinity") return Bad("TimeoutStopSec=infinity");
          if (!absl::SimpleAtoi(own, &microseconds)) return NotSeen("systemd names no TimeoutStopUSec");
          const std::string text = absl::StrCat("TimeoutStopSec=", microseconds / 1'000'000, "s");
          return microseconds / 1000 < theirs ? Good(text) : Bad(text);
        });
      },
      absl::StrCat("shorter than the stop operation's ", theirs / 1000, " s"),
      absl::StrCat("systemd gives up no sooner than the stop operation (", theirs / 1000, " s)"));
}

Verdict Reloaded(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        return OfSetting(input, resource, node, "NeedDaemonReload", [](const std::string& value) { return value == "no"; });
      },
      "systemd has read the unit as it is on the disk", "the unit's files were changed and not read");
}

}  // namespace

std::vector<Check> UnitChecks() {
  return {
      {"unit.found", v1::SEVERITY_FATAL, "The unit is on every node", "the unit's LoadState",
       "Where it is missing no instance can start.", "install Jetty there under the same unit name", nullptr, Found},
      {"unit.masked", v1::SEVERITY_FATAL, "The unit is not masked", "the unit's LoadState",
       "A masked unit cannot be started by anybody, the cluster included.", "systemctl unmask UNIT", nullptr, NotMasked},
      {"unit.identical", v1::SEVERITY_WARNING, "The unit is the same everywhere",
       "its settings, and the content of its file, drop-ins and environment files; not Pacemaker's own drop-in",
       "Limits, users and Java options that differ make one node behave unlike the others.",
       "systemctl cat UNIT on both nodes; make them the same, then systemctl daemon-reload", nullptr, Identical},
      {"unit.reloaded", v1::SEVERITY_WARNING, "systemd knows the unit as it is on the disk", "NeedDaemonReload",
       "The next start is by old settings.", "systemctl daemon-reload", nullptr, Reloaded},
      {"unit.enabled-at-boot", v1::SEVERITY_WARNING, "The unit is not started at boot", "UnitFileState",
       "At boot systemd would start it before the cluster has decided where it runs.",
       "jettyfleet apply offers it: systemctl disable UNIT", nullptr, NotAtBoot},
      {"unit.started-by", v1::SEVERITY_WARNING, "No other unit starts it", "TriggeredBy and WantedBy",
       "A timer that starts it works against the cluster.", "systemctl disable --now TIMER", nullptr, NoTimers},
      {"unit.restart", v1::SEVERITY_WARNING, "systemd does not restart it", "Restart, where the unit runs",
       "Two who restart the same process hide its failures from each other.",
       "let Pacemaker start it (it writes Restart=no); remove drop-ins that override that", nullptr, NoRestart},
      {"unit.stop-timeout", v1::SEVERITY_WARNING, "systemd gives up stopping before the cluster does",
       "TimeoutStopSec against the stop operation's timeout",
       "A stop that takes longer than its operation's timeout gets the node fenced.",
       "pcs resource update RESOURCE op stop timeout=…, or a shorter TimeoutStopSec", nullptr, StopTimeout},
  };
}

}  // namespace jettyfleet
