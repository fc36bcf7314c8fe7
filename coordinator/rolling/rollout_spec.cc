#include "coordinator/rolling/rollout_spec.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kDefaultBake = absl::Seconds(10);
constexpr uint32_t kDefaultSlowerPercent = 50;
constexpr absl::Duration kLongestBake = absl::Hours(1);

std::vector<std::string> DescribedWars(const v1::ClusterDescription& description, const std::string& name) {
  std::vector<std::string> wars;
  for (const v1::ResourceDescription& resource : description.resources()) {
    if (resource.name() != name) continue;
    for (const std::string& path : resource.identity().archives()) {
      if (absl::EndsWith(path, ".war")) wars.push_back(path);
    }
  }
  return wars;
}

absl::Status CheckArchive(const v1::RolloutSpec& rollout) {
  if (rollout.name().empty() || rollout.version().empty()) {
    return absl::InvalidArgumentError("the rollout names no archive and version; or is it a restart only?");
  }
  if (rollout.target().empty()) {
    return absl::InvalidArgumentError(
        "it is not known where the archive is deployed: name its path, or describe one WAR under identity.archives");
  }
  if (rollout.sha256().empty() || rollout.size() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("the content of archive ", rollout.name(), " ", rollout.version(), " is not known"));
  }
  return absl::OkStatus();
}

absl::Status CheckCanaries(const v1::ClusterDescription& description, const v1::DrillSpec& spec) {
  const auto& nodes = spec.nodes_size() > 0 ? spec.nodes() : description.nodes();
  std::set<std::string> seen;
  for (const std::string& node : spec.rollout().canary_nodes()) {
    if (!seen.insert(node).second) {
      return absl::InvalidArgumentError(absl::StrCat("canary ", node, " is given twice"));
    }
    if (!nodes.empty() && std::count(nodes.begin(), nodes.end(), node) == 0) {
      return absl::InvalidArgumentError(absl::StrCat("canary ", node, " is none of the nodes that would be visited"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void FillRolloutDefaults(const v1::ClusterDescription& description, v1::DrillSpec* spec) {
  if (!spec->has_rollout()) return;
  v1::RolloutSpec* const rollout = spec->mutable_rollout();
  if (!rollout->restart_only() && rollout->target().empty()) {
    const std::vector<std::string> wars = DescribedWars(description, spec->resource());
    if (wars.size() == 1) rollout->set_target(wars.front());
  }
  if (!rollout->restart_only() && !spec->budget().has_slower_percent()) {
    spec->mutable_budget()->set_slower_percent(kDefaultSlowerPercent);
  }
  if (!rollout->has_bake()) *rollout->mutable_bake() = ToProto(kDefaultBake);
  if (rollout->max_unavailable() == 0) rollout->set_max_unavailable(1);
  if (rollout->on_failure() == v1::ON_FAILURE_UNSPECIFIED) rollout->set_on_failure(v1::ON_FAILURE_STOP);
}

absl::Status CheckRolloutSpec(const v1::ClusterDescription& description, const v1::DrillSpec& spec) {
  const bool is_rollout = spec.scenario() == v1::SCENARIO_ROLLOUT;
  if (is_rollout != spec.has_rollout()) {
    return absl::InvalidArgumentError(is_rollout ? "a rollout says what is rolled out"
                                                 : "only a rollout says what is rolled out");
  }
  if (!is_rollout) return absl::OkStatus();
  const v1::RolloutSpec& rollout = spec.rollout();
  if (rollout.restart_only()) {
    if (!rollout.name().empty() || !rollout.version().empty() || !rollout.target().empty()) {
      return absl::InvalidArgumentError("a restart changes no archive: name none, or do not ask for a restart only");
    }
  } else if (absl::Status archive = CheckArchive(rollout); !archive.ok()) {
    return archive;
  }
  if (absl::Status canaries = CheckCanaries(description, spec); !canaries.ok()) return canaries;
  const absl::Duration bake = FromProto(rollout.bake());
  if (bake < absl::ZeroDuration() || bake > kLongestBake) {
    return absl::InvalidArgumentError(
        absl::StrCat("bake is ", absl::FormatDuration(bake), "; it may be 0 to ", absl::FormatDuration(kLongestBake)));
  }
  if (rollout.max_unavailable() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_unavailable is ", rollout.max_unavailable(), "; one node at a time is all that is offered"));
  }
  if (rollout.on_failure() != v1::ON_FAILURE_STOP) {
    return absl::InvalidArgumentError("on_failure: stop is all that is offered");
  }
  return absl::OkStatus();
}

}  // namespace jettyfleet
