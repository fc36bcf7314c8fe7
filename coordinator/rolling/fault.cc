#include "coordinator/rolling/fault.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/goal.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

std::string ActPurpose(const NodeVisit& visit, const Desk& desk) { return absl::StrCat(desk.op.id, "/", visit.node, "/act"); }

// By the node's own clock: when the fault was begun. InfiniteFuture: it was not.
absl::Time BegunThere(const NodeVisit& visit, const Desk& desk) {
  const std::vector<const IssuedAction*> attempts = desk.op.Attempts(ActPurpose(visit, desk));
  if (attempts.empty()) return absl::InfiniteFuture();
  const IssuedAction& first = *attempts.front();
  return first.ended && first.result.has_began_at() ? FromProto(first.result.began_at()) : first.issued_at;
}

// The instance is gone, or another one has been started since the fault.
bool InstanceEnded(const NodeVisit& visit, const HostView& host, const v1::ResourceDescription& resource,
                   const Desk& desk) {
  const v1::UnitFact* const unit = UnitOf(host, resource);
  if (unit == nullptr) return false;
  if (UnitActive(host, resource) == v1::ANSWER_NO) return true;
  return unit->has_active_since() && FromProto(unit->active_since()) > BegunThere(visit, desk);
}

// When everything that was read at `since` or later shows the fault's effect.
bool SeenBroken(const NodeVisit& visit, const HostView& host, absl::Time since, const Desk& desk) {
  const v1::ResourceDescription* const resource = FindResource(desk.view, desk.op.spec.resource());
  if (resource == nullptr) return false;
  if (TraitsOf(desk.op.spec.scenario()).leased_on_node) {
    return host.fresh.http >= since && HttpHealthy(host, *resource) == v1::ANSWER_NO;
  }
  return host.fresh.units >= since && InstanceEnded(visit, host, *resource, desk);
}

// Clients are not sent to it any more: by HAProxy's own checks, since nobody drained it.
bool BalancersNoticed(const NodeVisit& visit, absl::Time since, Desk* desk) {
  bool all = true;
  for (const ServerRef& server : ServersFor(desk->view, desk->op.spec.resource(), visit.node)) {
    if (server.lb == nullptr) continue;  // its agent is gone: nobody can tell
    desk->Ask(*server.lb, Desk::Fact::kLbServers, kLbPoll, since);
    const bool down = server.lb->fresh.lb_servers >= since && server.fact != nullptr &&
                      absl::StartsWith(server.fact->status(), "DOWN");
    all = all && down;
  }
  return all;
}

v1::Action FaultFor(const NodeVisit& visit, const v1::ResourceDescription& resource, const Desk& desk) {
  const v1::DrillSpec& spec = desk.op.spec;
  const std::string lease = FaultLeaseId(desk.op.id, visit.node);
  v1::Action action;
  switch (spec.scenario()) {
    case v1::SCENARIO_UNIT_STOP:
      action.mutable_stop_unit()->set_unit(resource.unit());
      break;
    case v1::SCENARIO_UNIT_KILL:
      action.mutable_kill_unit()->set_unit(resource.unit());
      break;
    case v1::SCENARIO_UNIT_FREEZE:
      action.mutable_freeze_unit()->set_lease_id(lease);
      action.mutable_freeze_unit()->set_unit(resource.unit());
      *action.mutable_freeze_unit()->mutable_duration() = spec.lease();
      break;
    default:
      action.mutable_blackhole_port()->set_lease_id(lease);
      action.mutable_blackhole_port()->set_unit(resource.unit());
      action.mutable_blackhole_port()->set_port(resource.health().port());
      *action.mutable_blackhole_port()->mutable_duration() = spec.lease();
      break;
  }
  return action;
}

}  // namespace

bool HasToBreak(const NodeVisit& visit, Desk* desk) {
  const HostView* const host = ConnectedNode(desk->view, visit.node);
  if (host == nullptr) return false;  // the step's deadline bounds the wait
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(ActPurpose(visit, *desk));
  const absl::Time issued = attempts.empty() ? desk->op.resumed_at : attempts.back()->issued_at;
  const bool seen = TraitsOf(desk->op.spec.scenario()).leased_on_node
                        ? HoldsLease(*host, FaultLeaseId(desk->op.id, visit.node))
                        : SeenBroken(visit, *host, issued, *desk);
  const bool answered = !attempts.empty() && attempts.back()->Answered(v1::ActionResult::OUTCOME_DONE);
  switch (JudgeGoal(desk->op, ActPurpose(visit, *desk), host->fresh.units, seen || answered)) {
    case Goal::kIssue:
      return true;
    case Goal::kMet:
      desk->Enter(visit.node, v1::NODE_STEP_LEAVE);
      return false;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", visit.node, " did not answer; check that agent"));
      return false;
    case Goal::kWaiting:
      desk->Ask(*host, Desk::Fact::kUnits, kUnitPoll,
                attempts.empty() || !attempts.back()->ended ? desk->op.resumed_at : attempts.back()->ended_at);
      return false;
  }
  return false;
}

void Break(const NodeVisit& visit, Desk* desk) {
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  if (resource == nullptr) return;
  desk->Act(visit.node, visit.node, ActPurpose(visit, *desk), FaultFor(visit, *resource, *desk), kFaultActionTimeout);
}

void SeeItBroken(const NodeVisit& visit, Desk* desk) {
  const absl::Time since = std::max(visit.Entered(v1::NODE_STEP_ACT), desk->op.resumed_at);
  const bool leased = TraitsOf(desk->op.spec.scenario()).leased_on_node;
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const host = ConnectedNode(desk->view, visit.node);
  const HostView* const dc = DcView(desk->view);
  for (const auto& [name, node] : desk->view.nodes) {
    if (!node.connected) continue;
    desk->Ask(node, Desk::Fact::kHttp, name == visit.node ? kHttpPoll : kClusterPoll, since);
    if (name == visit.node) desk->Ask(node, Desk::Fact::kUnits, kUnitPoll, since);
  }
  if (resource == nullptr || host == nullptr || dc == nullptr) return;
  if (!visit.HasReached(v1::NODE_STEP_LEAVE)) {
    if (SeenBroken(visit, *host, since, *desk)) desk->Reach(visit.node, v1::NODE_STEP_LEAVE);
    return;
  }
  if (CountServing(desk->view, dc->report.cluster(), *resource, visit.node, visit.Reached(v1::NODE_STEP_LEAVE)) <
      static_cast<int>(desk->op.spec.min_serving())) {
    return;
  }
  // What the cluster ends is over when the cluster says so; what stays in force is held until clients are spared.
  if (leased && !BalancersNoticed(visit, visit.Reached(v1::NODE_STEP_LEAVE), desk)) return;
  desk->Enter(visit.node, v1::NODE_STEP_RESTORE,
              leased ? "the fault is felt and the others serve" : "its instance has ended and the others serve");
}

bool CleanUpAfterFault(const NodeVisit& visit, Desk* desk) {
  if (!TraitsOf(desk->op.spec.scenario()).leaves_failure || !desk->op.Touched(visit.node)) return true;
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const dc = DcView(desk->view);
  if (resource == nullptr || dc == nullptr) return false;
  const std::vector<const v1::FailureFact*> failures = FailuresOf(dc->report.cluster(), *resource, visit.node);
  const std::string purpose = absl::StrCat(desk->op.id, "/", visit.node, "/cleanup");
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(purpose);
  // The cluster has restarted the instance because it found the failure: it was there to be seen, and to be cleaned up.
  const bool needed = !failures.empty() || !attempts.empty();
  if (!needed) return dc->fresh.cluster >= visit.Entered(v1::NODE_STEP_CLUSTER_IDLE);
  switch (JudgeGoal(desk->op, purpose, dc->fresh.cluster, failures.empty())) {
    case Goal::kMet:
      return true;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", dc->host, " did not answer when it was to clean up; pcs resource cleanup"));
      return false;
    case Goal::kWaiting:
      desk->Ask(*dc, Desk::Fact::kCluster, kClusterPoll,
                attempts.empty() || !attempts.back()->ended ? desk->op.resumed_at : attempts.back()->ended_at);
      return false;
    case Goal::kIssue:
      break;
  }
  v1::Action action;
  const std::string& named = failures.front()->resource();
  action.mutable_cleanup_resource()->set_resource(named.substr(0, named.find(':')));
  action.mutable_cleanup_resource()->set_node(visit.node);
  desk->Act(dc->host, visit.node, purpose, action, kCibActionTimeout);
  return false;
}

}  // namespace jettyfleet
