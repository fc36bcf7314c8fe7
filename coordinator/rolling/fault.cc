#include "coordinator/rolling/fault.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/goal.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/means.h"
#include "coordinator/rolling/node_loss.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

std::string CleanupPurpose(const std::string& operation, const std::string& node, const std::string& primitive) {
  return absl::StrCat(operation, "/", node, "/cleanup-", primitive);
}

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
  if (TraitsOf(desk.op.spec).leased_on_node) {
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

bool Fences(const v1::DrillSpec& spec) {
  return spec.scenario() == v1::SCENARIO_NODE_CRASH ||
         (spec.scenario() == v1::SCENARIO_DC_LOSS && spec.daemon() == v1::KillDaemon::DAEMON_UNSPECIFIED);
}

// What ends by itself where nobody can see for how long it was there: sent once, whatever its answer.
bool IsSentOnce(const v1::DrillSpec& spec) { return TraitsOf(spec).may_fence && !TraitsOf(spec).leased_on_node; }

// Fencing is asked of another node, and of the DC last: while its agent waits for it, it renews no lock. nullptr: of
// none that is connected.
const HostView* ActorFor(const NodeVisit& visit, const Desk& desk) {
  if (!Fences(desk.op.spec)) return ConnectedNode(desk.view, visit.node);
  const HostView* const dc = DcView(desk.view);
  for (const auto& [name, host] : desk.view.nodes) {
    if (host.connected && name != visit.node && &host != dc) return &host;
  }
  return dc != nullptr && dc->host != visit.node ? dc : nullptr;
}

v1::Action FaultFor(const NodeVisit& visit, const v1::ResourceDescription& resource, const Desk& desk) {
  const v1::DrillSpec& spec = desk.op.spec;
  const std::string lease = FaultLeaseId(desk.op.id, visit.node);
  v1::Action action;
  if (Fences(spec)) {
    action.mutable_fence_node()->set_node(visit.node);
    return action;
  }
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
    case v1::SCENARIO_PORT_BLACKHOLE:
      action.mutable_blackhole_port()->set_lease_id(lease);
      action.mutable_blackhole_port()->set_unit(resource.unit());
      action.mutable_blackhole_port()->set_port(resource.health().port());
      *action.mutable_blackhole_port()->mutable_duration() = spec.lease();
      break;
    case v1::SCENARIO_PEER_PARTITION:
      action.mutable_partition_node()->set_lease_id(lease);
      *action.mutable_partition_node()->mutable_peers() = MeansOf(visit, desk.op)->peers();
      *action.mutable_partition_node()->mutable_duration() = spec.lease();
      break;
    default:
      action.mutable_kill_daemon()->set_daemon(spec.daemon());
      break;
  }
  return action;
}

// The fault has had its effect, though its answer may be lost.
bool HasHadItsEffect(const NodeVisit& visit, const HostView* host, absl::Time since, const Desk& desk) {
  const ScenarioTraits traits = TraitsOf(desk.op.spec);
  if (traits.may_fence && (NodeIsGone(visit, desk.view, since) || InstanceHasEnded(visit, desk))) return true;
  if (traits.leased_on_node) return host != nullptr && HoldsLease(*host, FaultLeaseId(desk.op.id, visit.node));
  return !traits.may_fence && host != nullptr && SeenBroken(visit, *host, since, desk);
}

}  // namespace

bool InstanceHasEnded(const NodeVisit& visit, const Desk& desk) {
  const v1::ResourceDescription* const resource = FindResource(desk.view, desk.op.spec.resource());
  const HostView* const host = ConnectedNode(desk.view, visit.node);
  return resource != nullptr && host != nullptr && InstanceEnded(visit, *host, *resource, desk);
}

bool HasToBreak(const NodeVisit& visit, Desk* desk) {
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(ActPurpose(visit, *desk));
  const HostView* const host = ConnectedNode(desk->view, visit.node);
  if (host == nullptr && attempts.empty()) return false;  // the step's deadline bounds the wait
  const absl::Time issued = attempts.empty() ? desk->op.resumed_at : attempts.back()->issued_at;
  const bool seen = HasHadItsEffect(visit, host, issued, *desk);
  const bool answered = !attempts.empty() && attempts.back()->Answered(v1::ActionResult::OUTCOME_DONE);
  const bool unknown = !attempts.empty() && attempts.back()->ended && IsSentOnce(desk->op.spec);
  const absl::Time fresh = host == nullptr || unknown ? desk->now : host->fresh.units;
  switch (JudgeGoal(desk->op, ActPurpose(visit, *desk), fresh, seen || answered || unknown)) {
    case Goal::kIssue:
      return host != nullptr;
    case Goal::kMet:
      desk->Enter(visit.node, v1::NODE_STEP_LEAVE);
      return false;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", visit.node, " did not answer; check that agent"));
      return false;
    case Goal::kWaiting:
      if (host == nullptr) return false;
      desk->Ask(*host, Desk::Fact::kUnits, kUnitPoll,
                attempts.empty() || !attempts.back()->ended ? desk->op.resumed_at : attempts.back()->ended_at);
      return false;
  }
  return false;
}

void Break(const NodeVisit& visit, Desk* desk) {
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const dc = DcView(desk->view);
  const HostView* const actor = ActorFor(visit, *desk);
  if (resource == nullptr || dc == nullptr || actor == nullptr) return;
  if (dc->host == visit.node && !visit.HasReached(v1::NODE_STEP_IS_DC)) {
    return desk->Reach(visit.node, v1::NODE_STEP_IS_DC);
  }
  desk->Act(actor->host, visit.node, ActPurpose(visit, *desk), FaultFor(visit, *resource, *desk),
            Fences(desk->op.spec) ? kFenceActionTimeout : kFaultActionTimeout);
}

void SeeItBroken(const NodeVisit& visit, Desk* desk) {
  if (TraitsOf(desk->op.spec).may_fence) return SeeNodeLeave(visit, desk);
  const absl::Time since = std::max(visit.Entered(v1::NODE_STEP_ACT), desk->op.resumed_at);
  const bool leased = TraitsOf(desk->op.spec).leased_on_node;
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

namespace {

// Failures that our fault has caused on the node, by the primitive: its instance's, or, where the node or a daemon of
// the cluster was hit, any. The gate let none pass that was there before.
std::set<std::string> FailedByUs(const NodeVisit& visit, const HostView& dc, const v1::ResourceDescription& resource,
                                 const Desk& desk) {
  std::set<std::string> names;
  for (const v1::FailureFact* const failure : OurFailures(desk.op.spec, dc.report.cluster(), resource, visit.node)) {
    names.insert(failure->resource().substr(0, failure->resource().find(':')));
  }
  return names;
}

// What stops an operation whose cleanup came to nothing cannot stop one that restores already: that one asks again, as
// long as its patience lasts.
Goal JudgeCleanup(const std::string& purpose, const HostView& dc, bool gone, Desk* desk) {
  const Goal goal = JudgeGoal(desk->op, purpose, dc.fresh.cluster, gone);
  if (!desk->op.stop.has_value() || goal == Goal::kMet || goal == Goal::kIssue) return goal;
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(purpose);
  if (attempts.empty() || !attempts.back()->ended || dc.fresh.cluster < attempts.back()->ended_at) {
    return Goal::kWaiting;
  }
  const absl::Time again = attempts.back()->ended_at + kUndoBackoff;
  desk->WakeAt(again);
  return desk->now >= again ? Goal::kIssue : Goal::kWaiting;
}

// True when the primitive's failures are gone.
bool CleanUp(const NodeVisit& visit, const HostView& dc, const std::string& primitive, bool gone, Desk* desk) {
  const std::string purpose = CleanupPurpose(desk->op.id, visit.node, primitive);
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(purpose);
  v1::Action action;
  switch (JudgeCleanup(purpose, dc, gone, desk)) {
    case Goal::kMet:
      return true;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", dc.host, " did not answer when it was to clean up; pcs resource cleanup"));
      return false;
    case Goal::kWaiting:
      desk->Ask(dc, Desk::Fact::kCluster, kClusterPoll,
                attempts.empty() || !attempts.back()->ended ? desk->op.resumed_at : attempts.back()->ended_at);
      return false;
    case Goal::kIssue:
      action.mutable_cleanup_resource()->set_resource(primitive);
      action.mutable_cleanup_resource()->set_node(visit.node);
      desk->Act(dc.host, visit.node, purpose, action, kCibActionTimeout);
      return false;
  }
  return false;
}

}  // namespace

bool CleanUpAfterFault(const NodeVisit& visit, Desk* desk) {
  const ScenarioTraits traits = TraitsOf(desk->op.spec);
  if ((!traits.leaves_failure && !traits.may_fence) || !desk->op.Touched(visit.node)) return true;
  const v1::ResourceDescription* const resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* const dc = DcView(desk->view);
  if (resource == nullptr || dc == nullptr) return false;
  const std::set<std::string> failed = FailedByUs(visit, *dc, *resource, *desk);
  std::set<std::string> all = failed;
  for (const IssuedAction& action : desk->op.actions) {
    if (action.node == visit.node && action.action.has_cleanup_resource()) {
      all.insert(action.action.cleanup_resource().resource());
    }
  }
  // The cluster has restarted the instance because it found the failure: it was there to be seen, and to be cleaned up.
  if (all.empty()) return dc->fresh.cluster >= visit.Entered(v1::NODE_STEP_CLUSTER_IDLE);
  for (const std::string& primitive : all) {
    if (!CleanUp(visit, *dc, primitive, failed.count(primitive) == 0, desk)) return false;
  }
  return true;
}

}  // namespace jettyfleet
