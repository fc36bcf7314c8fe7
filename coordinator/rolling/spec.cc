#include "coordinator/rolling/spec.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/drill/scenarios.h"
#include "common/proto_time.h"
#include "coordinator/rolling/rollout_spec.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kDefaultLease = absl::Minutes(2);
constexpr absl::Duration kDefaultDrain = absl::Seconds(20);
constexpr absl::Duration kDefaultStep = absl::Minutes(1);
// A node that is fenced has to boot, which takes a real one minutes.
constexpr absl::Duration kDefaultStepWithBoot = absl::Minutes(5);
constexpr absl::Duration kDefaultGate = absl::Seconds(30);
constexpr uint32_t kNoticeSeconds = 5;
constexpr absl::Duration kDefaultBaseline = absl::Seconds(5);

const v1::ResourceDescription* Find(const v1::ClusterDescription& description, const std::string& name) {
  for (const v1::ResourceDescription& resource : description.resources()) {
    if (resource.name() == name) return &resource;
  }
  return nullptr;
}

absl::Status CheckDuration(absl::string_view field, const google::protobuf::Duration& value, absl::Duration least,
                           absl::Duration most) {
  const absl::Duration duration = FromProto(value);
  if (duration >= least && duration <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, " is ", absl::FormatDuration(duration), "; it may be ",
                                                 absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
}

}  // namespace

void FillDefaults(const v1::ClusterDescription& description, v1::DrillSpec* spec) {
  if (spec->cluster().empty()) spec->set_cluster(description.cluster());
  if (spec->resource().empty() && description.resources_size() == 1) {
    spec->set_resource(description.resources(0).name());
  }
  const v1::ResourceDescription* resource = Find(description, spec->resource());
  if (spec->min_serving() == 0) {
    spec->set_min_serving(resource == nullptr ? 1 : std::max<uint32_t>(1, resource->min_serving()));
  }
  // An archive's node has to run it, to be seen to.
  const bool changes = spec->has_rollout() && !spec->rollout().restart_only();
  if (changes && spec->return_policy() == v1::RETURN_POLICY_UNSPECIFIED) {
    spec->set_return_policy(v1::RETURN_POLICY_REQUIRE);
  }
  // Without a spare node both mean the same; with one, Pacemaker leaves the instance there.
  if (spec->return_policy() == v1::RETURN_POLICY_UNSPECIFIED) spec->set_return_policy(v1::RETURN_POLICY_STAY);
  if (!spec->has_lease()) *spec->mutable_lease() = ToProto(kDefaultLease);
  if (!spec->has_drain_deadline()) *spec->mutable_drain_deadline() = ToProto(kDefaultDrain);
  if (spec->scenario() == v1::SCENARIO_DAEMON_KILL && spec->daemon() == v1::KillDaemon::DAEMON_UNSPECIFIED) {
    spec->set_daemon(v1::KillDaemon::DAEMON_CONTROLD);
  }
  if (!spec->has_step_deadline()) {
    *spec->mutable_step_deadline() = ToProto(TraitsOf(*spec).may_fence ? kDefaultStepWithBoot : kDefaultStep);
  }
  if (!spec->has_gate_deadline()) *spec->mutable_gate_deadline() = ToProto(kDefaultGate);
  // Clients of a node that goes without warning may feel it, for as long as load balancers take to notice.
  if (TraitsOf(*spec).without_warning && !spec->budget().has_failed_requests()) {
    spec->mutable_budget()->set_failed_requests(kNoticeSeconds * description.traffic().requests_per_second());
  }
  FillRolloutDefaults(description, spec);
  if (!spec->has_baseline()) *spec->mutable_baseline() = ToProto(kDefaultBaseline);
}

absl::Status CheckSpec(const v1::ClusterDescription& description, const v1::DrillSpec& spec) {
  if (spec.cluster() != description.cluster()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cluster '", spec.cluster(), "' is not '", description.cluster(), "'"));
  }
  if (Find(description, spec.resource()) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("resource '", spec.resource(),
                                                   "' is not in the description of cluster ", description.cluster(),
                                                   description.resources_size() > 1 ? "; name one of several" : ""));
  }
  if (!TraitsOf(spec).known) {
    return absl::InvalidArgumentError("the scenario is none that this coordinator knows; update it");
  }
  if (absl::Status rollout = CheckRolloutSpec(description, spec); !rollout.ok()) return rollout;
  if (TraitsOf(spec).may_fence && !spec.allow_fencing()) {
    return absl::InvalidArgumentError(
        absl::StrCat("scenario ", FindScenario(spec.scenario())->name, " can get a node fenced: --allow-fencing"));
  }
  if (TraitsOf(spec).aimed_at_dc && spec.nodes_size() > 0) {
    return absl::InvalidArgumentError("scenario dc-loss takes whoever is DC: name no nodes");
  }
  const bool kills_daemon =
      spec.scenario() == v1::SCENARIO_DAEMON_KILL || spec.scenario() == v1::SCENARIO_DC_LOSS;
  if (spec.daemon() != v1::KillDaemon::DAEMON_UNSPECIFIED &&
      (!kills_daemon || *DaemonName(spec.daemon()) == '\0')) {
    return absl::InvalidArgumentError(kills_daemon ? "the daemon is none that this coordinator knows; update it"
                                                   : "a daemon is for scenarios daemon-kill and dc-loss only");
  }
  if (spec.min_serving() == 0) return absl::InvalidArgumentError("min_serving is 0; it has to be at least 1");
  std::set<absl::string_view> named;
  for (const std::string& node : spec.nodes()) {
    if (!named.insert(node).second) {
      return absl::InvalidArgumentError(absl::StrCat("nodes names ", node, " twice"));
    }
    const bool known =
        description.nodes_size() == 0 || std::count(description.nodes().begin(), description.nodes().end(), node) > 0;
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrCat("node ", node, " is not in the description of cluster ", description.cluster()));
    }
  }
  // Shorter, and a hold would not outlast the act's own window; longer, and a forgotten node would stay out for it.
  absl::Status status = CheckDuration("lease", spec.lease(), absl::Seconds(40), absl::Hours(1));
  if (!status.ok()) return status;
  status = CheckDuration("drain_deadline", spec.drain_deadline(), absl::ZeroDuration(), FromProto(spec.lease()) / 2);
  if (!status.ok()) return status;
  status = CheckDuration("step_deadline", spec.step_deadline(), absl::Seconds(5), absl::Minutes(30));
  if (!status.ok()) return status;
  status = CheckDuration("gate_deadline", spec.gate_deadline(), absl::Seconds(1), absl::Minutes(30));
  if (!status.ok()) return status;
  return CheckDuration("baseline", spec.baseline(), absl::ZeroDuration(), absl::Minutes(10));
}

}  // namespace jettyfleet
