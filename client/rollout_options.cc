#include "client/rollout_options.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/drill_options.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

const std::map<std::string, v1::OnFailure>& FailureWays() {
  static const auto* const ways = new std::map<std::string, v1::OnFailure>{
      {"stop", v1::ON_FAILURE_STOP}, {"pause", v1::ON_FAILURE_PAUSE}, {"rollback", v1::ON_FAILURE_ROLLBACK}};
  return *ways;
}

void SetArchive(const std::string& text, v1::RolloutSpec* rollout) {
  const std::string::size_type colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    throw CLI::ValidationError("--archive", "must be NAME:VERSION, such as app:1.4.2");
  }
  rollout->set_name(text.substr(0, colon));
  rollout->set_version(text.substr(colon + 1));
}

void AddWhat(CLI::App& command, v1::RolloutSpec* rollout) {
  CLI::Option* const archive = command.add_option_function<std::string>(
      "--archive", [rollout](const std::string& text) { SetArchive(text, rollout); },
      "NAME:VERSION of an archive that the coordinator keeps (jettyfleet archive list)");
  CLI::Option* const restart = command.add_flag_callback(
      "--restart", [rollout] { rollout->set_restart_only(true); },
      "Change nothing: only restart the instances, one after the other");
  archive->excludes(restart);
  command.parse_complete_callback([rollout] {
    if (rollout->name().empty() && !rollout->restart_only()) throw CLI::RequiredError("--archive or --restart");
  });
  command
      .add_option_function<std::string>(
          "--target", [rollout](const std::string& text) { rollout->set_target(text); },
          "Path that it is deployed at; not needed where one WAR is described under identity.archives")
      ->excludes(restart);
}

void AddSlower(CLI::App& command, v1::DrillSpec* spec) {
  command
      .add_option_function<uint32_t>(
          "--budget-slower", [spec](uint32_t percent) { spec->mutable_budget()->set_slower_percent(percent); },
          "By how many percent a node's median answer may take longer with the archive; 0: not judged (50)")
      ->check(CLI::Range(0, 10'000));
}

}  // namespace

void AddRolloutOptions(CLI::App& command, v1::DrillSpec* spec) {
  spec->set_scenario(v1::SCENARIO_ROLLOUT);
  AddWhat(command, spec->mutable_rollout());
  command
      .add_option_function<std::vector<std::string>>(
          "--canary",
          [spec](const std::vector<std::string>& nodes) {
            for (const std::string& node : nodes) spec->mutable_rollout()->add_canary_nodes(node);
          },
          "Visited first; given once for each")
      ->delimiter(',')
      ->allow_extra_args(false);  // what follows may be the cluster
  AddDurationOption(command, "--bake", "How long each node is watched before the next (10s)",
                    [spec](absl::Duration value) { *spec->mutable_rollout()->mutable_bake() = ToProto(value); });
  command.add_option_function<uint32_t>(
      "--max-unavailable", [spec](uint32_t value) { spec->mutable_rollout()->set_max_unavailable(value); },
      "Nodes out at once; 1 is all that is offered");
  command
      .add_option_function<std::string>(
          "--on-failure",
          [spec](const std::string& text) { spec->mutable_rollout()->set_on_failure(FailureWays().at(text)); },
          "stop: what has been changed stays so, and no other node is visited")
      ->check(CLI::IsMember(FailureWays()));
  command.add_option_function<uint64_t>(
      "--rate", [spec](uint64_t value) { spec->mutable_rollout()->set_bytes_per_second(value); },
      "Bytes per second that each node fetches at most");
  AddVisitOptions(command, spec);
  AddSlower(command, spec);
}

}  // namespace jettyfleet
