#include "client/drill_options.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/description/yaml_reader.h"
#include "common/drill/scenarios.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr char kAll[] = "all";

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names = {kAll};
  for (const ScenarioDefinition& definition : Scenarios()) names.push_back(definition.name);
  return names;
}

std::vector<std::string> DaemonNames() {
  std::vector<std::string> names;
  for (const ClusterDaemon& daemon : ClusterDaemons()) names.push_back(daemon.name);
  return names;
}

void SetScenario(const std::string& name, v1::DrillSpec* spec) {
  for (const ScenarioDefinition& definition : Scenarios()) {
    if (name == definition.name) spec->set_scenario(definition.scenario);
  }
}

void SetDaemon(const std::string& name, v1::DrillSpec* spec) {
  for (const ClusterDaemon& daemon : ClusterDaemons()) {
    if (name == daemon.name) spec->set_daemon(daemon.daemon);
  }
}

void AddScenario(CLI::App& start, v1::DrillSpec* spec, bool* all) {
  start
      .add_option_function<std::string>(
          "--scenario",
          [spec, all](const std::string& text) {
            *all = text == kAll;
            SetScenario(text, spec);
          },
          "What each node goes through ('jettyfleet drill scenarios' says what each is); all: one after the other")
      ->check(CLI::IsMember(ScenarioNames()))
      ->required();
  start.add_flag_callback(
      "--allow-fencing", [spec] { spec->set_allow_fencing(true); },
      "Consent to a node being fenced: peer-partition, daemon-kill, node-crash and dc-loss need it");
  start
      .add_option_function<std::string>(
          "--daemon", [spec](const std::string& text) { SetDaemon(text, spec); },
          "daemon-kill: which one (pacemaker-controld); dc-loss: kill it instead of fencing the DC")
      ->check(CLI::IsMember(DaemonNames()));
}

void AddChoice(CLI::App& start, v1::DrillSpec* spec) {
  start.add_option_function<std::string>(
      "--resource", [spec](const std::string& text) { spec->set_resource(text); },
      "The resource; not needed where there is one");
  start
      .add_option_function<std::vector<std::string>>(
          "--node",
          [spec](const std::vector<std::string>& nodes) {
            for (const std::string& node : nodes) spec->add_nodes(node);
          },
          "Only this node, given once for each; otherwise all that hold an instance, the DC last")
      ->delimiter(',')
      ->allow_extra_args(false);  // what follows may be the cluster
  start.add_option_function<uint32_t>(
      "--min-serving", [spec](uint32_t value) { spec->set_min_serving(value); },
      "Fewest other instances that must answer while a node is out");
  start
      .add_option_function<std::string>(
          "--return",
          [spec](const std::string& text) {
            spec->set_return_policy(text == "stay" ? v1::RETURN_POLICY_STAY : v1::RETURN_POLICY_REQUIRE);
          },
          "stay: an instance may stay on a spare node (the default); require: its node must run one again")
      ->check(CLI::IsMember({"stay", "require"}));
}

void AddTimes(CLI::App& start, v1::DrillSpec* spec) {
  AddDurationOption(start, "--lease", "After this a node comes back even if nothing of ours is left running (2m)",
                    [spec](absl::Duration value) { *spec->mutable_lease() = ToProto(value); });
  AddDurationOption(start, "--drain-deadline", "Longest wait for sessions to leave a drained server (20s)",
                    [spec](absl::Duration value) { *spec->mutable_drain_deadline() = ToProto(value); });
  AddDurationOption(start, "--step-deadline", "Longest wait in any other step (1m)",
                    [spec](absl::Duration value) { *spec->mutable_step_deadline() = ToProto(value); });
  AddDurationOption(start, "--gate-deadline", "Longest wait for a gate to open (30s)",
                    [spec](absl::Duration value) { *spec->mutable_gate_deadline() = ToProto(value); });
  AddDurationOption(start, "--baseline", "Traffic measured before each node (5s)",
                    [spec](absl::Duration value) { *spec->mutable_baseline() = ToProto(value); });
}

void AddBudget(CLI::App& start, v1::DrillSpec* spec) {
  start.add_option_function<uint32_t>(
      "--budget-failed", [spec](uint32_t value) { spec->mutable_budget()->set_failed_requests(value); },
      "Failed requests that are tolerated (0)");
  start.add_option_function<uint32_t>(
      "--budget-lost",
      [spec](uint32_t value) {
        spec->mutable_budget()->set_lost_sessions(value);
        spec->mutable_budget()->set_judge_sessions(true);
      },
      "Lost sessions that are tolerated; without it they are only reported");
  start.add_option_function<uint32_t>(
      "--budget-regressed",
      [spec](uint32_t value) {
        spec->mutable_budget()->set_regressed_sessions(value);
        spec->mutable_budget()->set_judge_sessions(true);
      },
      "Regressed sessions that are tolerated; without it they are only reported");
  AddDurationOption(start, "--budget-gap", "Longest time without any answer that is tolerated",
                    [spec](absl::Duration value) {
                      const int64_t gap_ms = absl::ToInt64Milliseconds(value);
                      spec->mutable_budget()->set_longest_gap_ms(static_cast<uint32_t>(gap_ms));
                    });
  AddDurationOption(start, "--budget-p99", "Longest that all but one in a hundred answers may take while a node is out",
                    [spec](absl::Duration value) {
                      const int64_t p99_ms = absl::ToInt64Milliseconds(value);
                      spec->mutable_budget()->set_p99_ms(static_cast<uint32_t>(p99_ms));
                    });
}

}  // namespace

void AddDurationOption(CLI::App& app, const char* name, const char* what, std::function<void(absl::Duration)> set) {
  app.add_option_function<std::string>(
         name,
         [name = std::string(name), set = std::move(set)](const std::string& text) {
           const absl::StatusOr<absl::Duration> duration = ParseShortDuration(text);
           if (!duration.ok()) throw CLI::ValidationError(name, std::string(duration.status().message()));
           if (*duration > absl::Hours(24)) throw CLI::ValidationError(name, "longer than a day");
           set(*duration);
         },
         what)
      ->type_name("DURATION");
}

void AddDrillOptions(CLI::App& start, v1::DrillSpec* spec, bool* all) {
  AddScenario(start, spec, all);
  AddVisitOptions(start, spec);
}

void AddVisitOptions(CLI::App& start, v1::DrillSpec* spec) {
  AddChoice(start, spec);
  AddTimes(start, spec);
  AddBudget(start, spec);
}

}  // namespace jettyfleet
