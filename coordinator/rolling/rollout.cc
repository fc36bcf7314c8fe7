#include "coordinator/rolling/rollout.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/goal.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/slower.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

bool ChangesArchive(const Operation& operation) {
  return operation.spec.has_rollout() && !operation.spec.rollout().restart_only();
}

std::string PurposeOn(const Operation& operation, const std::string& node, const char* what) {
  return absl::StrCat(operation.id, "/", node, "/", what);
}

const IssuedAction* Last(const std::vector<const IssuedAction*>& attempts) {
  return attempts.empty() ? nullptr : attempts.back();
}

bool Staged(const std::string& node, Desk* desk) {
  const std::string purpose = PurposeOn(desk->op, node, "stage");
  const IssuedAction* const last = Last(desk->op.Attempts(purpose));
  if (last != nullptr && last->Answered(v1::ActionResult::OUTCOME_DONE)) return true;
  if (last != nullptr && last->ended && !last->unanswered) {
    desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
               absl::StrCat("the archive cannot be staged on ", node, ": ", last->result.message()));
    return false;
  }
  const HostView* const host = ConnectedNode(desk->view, node);
  if (host == nullptr) return false;  // the staging's deadline bounds the wait
  switch (JudgeGoal(desk->op, purpose, host->fresh.units, /*seen=*/false)) {
    case Goal::kMet:
    case Goal::kWaiting:
      desk->Ask(*host, Desk::Fact::kUnits, kGatePoll, desk->op.resumed_at);
      return false;
    case Goal::kGaveUp:
      desk->Stop(
          v1::StopRequested::CAUSE_ACTION_FAILED,
          absl::StrCat("the agent on ", node, " did not answer when it was to stage the archive; check that agent"));
      return false;
    case Goal::kIssue:
      break;
  }
  const v1::RolloutSpec& rollout = desk->op.spec.rollout();
  v1::Action action;
  v1::StageArchive* const stage = action.mutable_stage_archive();
  stage->set_target(rollout.target());
  stage->set_sha256(rollout.sha256());
  stage->set_size(rollout.size());
  stage->set_bytes_per_second(rollout.bytes_per_second());
  stage->set_keep(kKeptReleases);
  desk->Act(node, node, purpose, action, kStageTimeout);
  return false;
}

// The lease that keeps the instance of `node` down; nullptr: there is none.
const Lease* HoldOf(const std::vector<Lease>& leases, const std::string& node) {
  for (const Lease& lease : leases) {
    if (lease.in_cib && lease.node == node && !lease.never_in_force) return &lease;
  }
  return nullptr;
}

void Switch(const NodeVisit& visit, const std::string& purpose, Desk* desk) {
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const std::vector<Lease> leases = LeasesOf(desk->op);
  const Lease* const hold = HoldOf(leases, visit.node);
  if (resource == nullptr || hold == nullptr) return;  // the step's deadline bounds the wait
  // The lease ends by the DC's clock, and the node judges by its own.
  const absl::Time before = hold->earliest_end - kClockTolerance - kSwitchReserve;
  if (desk->now + kShortestSwitch >= before) {
    return desk->Stop(
        v1::StopRequested::CAUSE_DEADLINE,
        absl::StrCat("too little of the lease is left to change the archive on ", visit.node, "; use a longer lease"));
  }
  v1::Action action;
  v1::SwitchArchive* const change = action.mutable_switch_archive();
  change->set_target(desk->op.spec.rollout().target());
  change->set_sha256(desk->op.spec.rollout().sha256());
  change->set_unit(resource->unit());
  *change->mutable_before() = ToProto(before);
  desk->Act(visit.node, visit.node, purpose, action, kSwitchTimeout);
}

bool IsInPlace(const Operation& operation, const std::string& node) {
  const IssuedAction* const last = Last(operation.Attempts(PurposeOn(operation, node, "switch")));
  return last != nullptr && last->Answered(v1::ActionResult::OUTCOME_DONE) &&
         last->result.archive().in_place_sha256() == operation.spec.rollout().sha256();
}

}  // namespace

bool Staged(Desk* desk) {
  if (!ChangesArchive(desk->op)) return true;
  bool all = true;
  for (const std::string& node : desk->op.nodes) {
    all = Staged(node, desk) && all;
    if (desk->wrote()) return false;
  }
  if (all) return true;
  const absl::Time deadline = std::max(desk->op.began_at, desk->op.resumed_at) + kStagingDeadline;
  desk->WakeAt(deadline);
  if (desk->now >= deadline) {
    desk->Stop(v1::StopRequested::CAUSE_DEADLINE,
               absl::StrCat("the archive was not staged on every node in ", absl::FormatDuration(kStagingDeadline)));
  }
  return false;
}

bool ChangeArchive(const NodeVisit& visit, Desk* desk) {
  if (!ChangesArchive(desk->op)) return true;
  const HostView* const host = ConnectedNode(desk->view, visit.node);
  if (host == nullptr) return false;  // the step's deadline bounds the wait
  const std::string purpose = PurposeOn(desk->op, visit.node, "switch");
  const IssuedAction* const last = Last(desk->op.Attempts(purpose));
  switch (JudgeGoal(desk->op, purpose, host->fresh.units, IsInPlace(desk->op, visit.node))) {
    case Goal::kMet:
      return true;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", visit.node,
                              " did not answer when it was to change the archive; "
                              "check that agent"));
      return false;
    case Goal::kWaiting:
      desk->Ask(*host, Desk::Fact::kUnits, kUnitPoll,
                last == nullptr || !last->ended ? desk->op.resumed_at : last->ended_at);
      return false;
    case Goal::kIssue:
      break;
  }
  Switch(visit, purpose, desk);
  return false;
}

bool IsChanging(const Operation& operation, const std::string& node) {
  const IssuedAction* const last = Last(operation.Attempts(PurposeOn(operation, node, "switch")));
  return last != nullptr && !last->ended;
}

v1::Answer ServesRelease(const Operation& operation, const v1::ResourceDescription& resource, const HostView& host) {
  if (!ChangesArchive(operation) || resource.health().version().empty()) return v1::ANSWER_YES;
  for (const v1::HttpFact& fact : host.report.http()) {
    if (fact.resource() != resource.name() || fact.version().empty()) continue;
    return fact.version() == operation.spec.rollout().version() ? v1::ANSWER_YES : v1::ANSWER_NO;
  }
  return v1::ANSWER_UNSPECIFIED;
}

bool Bakes(Desk* desk) {
  if (!desk->op.spec.has_rollout() || desk->op.visits.empty() || desk->op.Current() != nullptr) return false;
  const NodeVisit& last = desk->op.visits.back();
  const absl::Time since = std::max(last.ended_at, desk->op.resumed_at);
  const absl::Time end = since + FromProto(desk->op.spec.rollout().bake());
  desk->WakeAt(end);
  const auto slower = Slower(desk->op, desk->view, last, /*is_over=*/desk->now >= end);
  if (slower.has_value()) {
    desk->Stop(v1::StopRequested::CAUSE_BUDGET, *slower);
    return true;
  }
  if (desk->now >= end) return false;
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll);
  desk->AskAllNodes(Desk::Fact::kHttp, kGatePoll);
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const host = ConnectedNode(desk->view, last.node);
  const bool looked = resource != nullptr && host != nullptr && host->fresh.http >= since;
  if (!looked || !last.instance_went_to.empty()) return true;
  if (HttpHealthy(*host, *resource) == v1::ANSWER_NO || ServesRelease(desk->op, *resource, *host) == v1::ANSWER_NO) {
    desk->Stop(v1::StopRequested::CAUSE_CLUSTER,
               absl::StrCat("node ", last.node, " no longer answered as described while it was watched"));
  }
  return true;
}

std::set<std::string> NextOf(const v1::DrillSpec& spec, const std::set<std::string>& left) {
  std::set<std::string> canaries;
  for (const std::string& node : spec.rollout().canary_nodes()) {
    if (left.count(node) > 0) canaries.insert(node);
  }
  return canaries.empty() ? left : canaries;
}

std::string PlanProblem(const v1::DrillSpec& spec, const v1::ClusterDescription& description,
                        const v1::ClusterFact& fact, const std::set<std::string>& targets) {
  for (const std::string& node : spec.rollout().canary_nodes()) {
    if (targets.count(node) == 0) return absl::StrCat("canary ", node, " is none of the nodes that would be visited");
  }
  // Named nodes are somebody's word; otherwise all that can hold an instance have to get the archive.
  if (!spec.has_rollout() || spec.rollout().restart_only() || spec.nodes_size() > 0) return "";
  std::set<std::string> able(description.nodes().begin(), description.nodes().end());
  if (able.empty()) {
    for (const v1::ClusterNodeFact& node : fact.nodes()) able.insert(node.name());
  }
  for (const std::string& node : able) {
    if (targets.count(node) > 0) continue;
    return absl::StrCat("node ", node,
                        " holds no instance, and would take one over with the archive of before: give "
                        "every described node an instance, or describe only those that have one");
  }
  return "";
}

std::string VersionOf(const ClusterView& view, const std::string& resource, const std::string& node) {
  const HostView* const host = ConnectedNode(view, node);
  if (host == nullptr) return "";
  for (const v1::HttpFact& fact : host->report.http()) {
    if (fact.resource() == resource) return fact.version();
  }
  return "";
}

v1::NodeRelease ReleaseOf(const Operation& operation, const std::string& node, const std::string& version) {
  v1::NodeRelease release;
  release.set_version(version);
  for (const IssuedAction* const attempt : operation.Attempts(PurposeOn(operation, node, "switch"))) {
    const v1::ArchiveOutcome& outcome = attempt->result.archive();
    // A repeated one finds its work done and no longer knows what was there.
    if (!outcome.previous_sha256().empty()) release.set_before_sha256(outcome.previous_sha256());
    if (attempt->Answered(v1::ActionResult::OUTCOME_DONE)) release.set_sha256(outcome.in_place_sha256());
  }
  return release;
}

std::vector<std::string> ReleaseRemarks(const Operation& operation) {
  if (!ChangesArchive(operation)) return {};
  std::vector<std::string> changed;
  std::vector<std::string> others;
  std::vector<std::string> unknown;
  for (const std::string& node : operation.nodes) {
    const std::vector<const IssuedAction*> attempts = operation.Attempts(PurposeOn(operation, node, "switch"));
    const bool lost = std::any_of(attempts.begin(), attempts.end(), [](const IssuedAction* attempt) {
      return !attempt->ended || attempt->unanswered || attempt->Answered(v1::ActionResult::OUTCOME_FAILED) ||
             attempt->Answered(v1::ActionResult::OUTCOME_TIMED_OUT);
    });
    (IsInPlace(operation, node) ? changed : lost ? unknown : others).push_back(node);
  }
  const v1::RolloutSpec& rollout = operation.spec.rollout();
  std::vector<std::string> remarks;
  if (!changed.empty()) {
    remarks.push_back(
        absl::StrCat(rollout.name(), " ", rollout.version(), " is in place on ", absl::StrJoin(changed, ", ")));
  }
  if (!others.empty()) remarks.push_back(absl::StrCat("unchanged: ", absl::StrJoin(others, ", ")));
  if (!unknown.empty()) {
    remarks.push_back(absl::StrCat("what is in place is not known: ", absl::StrJoin(unknown, ", "),
                                   "; jettyfleet check shows the digests"));
  }
  return remarks;
}

}  // namespace jettyfleet
