#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/audit_step.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/fault.h"
#include "coordinator/rolling/goal.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/node_loss.h"
#include "coordinator/rolling/report.h"
#include "coordinator/rolling/rollout.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/slower.h"
#include "coordinator/rolling/timing.h"
#include "coordinator/rolling/visit.h"

namespace jettyfleet {
namespace {

constexpr v1::NodeStep kReturnSteps[] = {
    v1::NODE_STEP_CLUSTER_START, v1::NODE_STEP_UNIT_ACTIVE, v1::NODE_STEP_PORT_BOUND,
    v1::NODE_STEP_HTTP_READY,    v1::NODE_STEP_LB_READY,    v1::NODE_STEP_CLUSTER_IDLE,
};

// Facts of the node's return have to be read after this: its restoration began then, and an instance that was never
// seen to leave might still be on its way out when the restoration is done.
absl::Time ReturnSince(const NodeVisit& visit, const Desk& desk) {
  absl::Time since = std::max(visit.Entered(v1::NODE_STEP_RESTORE), desk.op.resumed_at);
  if (visit.HasReached(v1::NODE_STEP_LEAVE)) return since;
  return std::max(since, visit.Entered(v1::NODE_STEP_CLUSTER_START));
}

// Where instances ran when this visit began: as planned, moved by the visits before it.
std::set<std::string> HoldersBefore(const Operation& op, const NodeVisit& visit) {
  std::set<std::string> holders(op.instance_nodes.begin(), op.instance_nodes.end());
  for (const NodeVisit& earlier : op.visits) {
    if (earlier.node == visit.node) break;
    if (earlier.instance_went_to.empty()) continue;
    holders.erase(earlier.node);
    holders.insert(earlier.instance_went_to);
  }
  return holders;
}

// The spare that the instance stays on, when the cluster has come to rest so and the drill allows it.
std::string SpareThatKeepsIt(const NodeVisit& visit, const v1::ClusterFact& fact,
                             const v1::ResourceDescription& resource, const Desk& desk) {
  if (desk.op.spec.return_policy() != v1::RETURN_POLICY_STAY || fact.idle() != v1::ANSWER_YES) return "";
  const std::set<std::string> started = StartedOn(fact, resource);
  if (started.size() != desk.op.instance_nodes.size() || HoldsInstance(fact, resource, visit.node)) return "";
  const std::set<std::string> before = HoldersBefore(desk.op, visit);
  for (const std::string& node : started) {
    if (before.count(node) == 0) return node;
  }
  return "";
}

bool StaysAway(const NodeVisit& visit) { return !visit.instance_went_to.empty(); }

bool EndedByCluster(const Desk& desk) { return TraitsOf(desk.op.spec).leaves_failure; }

// Notes what is seen of the node's return. Each milestone is noted when it is seen, but not before those that it rests
// on, since a fact from before the restoration would otherwise count.
void NoteReturn(const NodeVisit& visit, Desk* desk) {
  const v1::ResourceDescription* resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* dc = DcView(desk->view);
  const HostView* host = ConnectedNode(desk->view, visit.node);
  if (resource == nullptr) return;
  const absl::Time since = ReturnSince(visit, *desk);

  if (dc != nullptr && EndedByCluster(*desk) && !visit.HasReached(v1::NODE_STEP_NOTICED) &&
      dc->fresh.cluster >= since && !FailuresOf(dc->report.cluster(), *resource, visit.node).empty()) {
    desk->Reach(visit.node, v1::NODE_STEP_NOTICED);
  }
  if (dc != nullptr && dc->fresh.cluster >= since && !visit.HasReached(v1::NODE_STEP_CLUSTER_START)) {
    const v1::ClusterFact& fact = dc->report.cluster();
    // Seen to leave: any start is a new one. Otherwise only at rest is it sure that no stop is still to come.
    bool settled = visit.HasReached(v1::NODE_STEP_LEAVE) || fact.idle() == v1::ANSWER_YES;
    // After a fault Pacemaker calls the instance started until its monitor has found out: the unit itself has to be
    // back first.
    if (EndedByCluster(*desk)) {
      settled = host != nullptr && host->fresh.units >= since && UnitActive(*host, *resource) == v1::ANSWER_YES;
    }
    const std::string spare = SpareThatKeepsIt(visit, fact, *resource, *desk);
    if (!spare.empty()) {
      desk->Reach(visit.node, v1::NODE_STEP_CLUSTER_START, spare);
    } else if (settled && StartedOn(fact, *resource).count(visit.node) > 0) {
      desk->Reach(visit.node, v1::NODE_STEP_CLUSTER_START);
    }
  }
  if (host != nullptr && !StaysAway(visit)) {
    if (!visit.HasReached(v1::NODE_STEP_UNIT_ACTIVE)) {
      if (host->fresh.units >= since && UnitActive(*host, *resource) == v1::ANSWER_YES) {
        desk->Reach(visit.node, v1::NODE_STEP_UNIT_ACTIVE);
      }
    } else if (!visit.HasReached(v1::NODE_STEP_PORT_BOUND)) {
      if (host->fresh.units >= visit.Reached(v1::NODE_STEP_UNIT_ACTIVE) &&
          PortsBound(*host, *resource) == v1::ANSWER_YES) {
        desk->Reach(visit.node, v1::NODE_STEP_PORT_BOUND);
      }
    } else if (!visit.HasReached(v1::NODE_STEP_HTTP_READY)) {
      if (host->fresh.http >= visit.Reached(v1::NODE_STEP_UNIT_ACTIVE) &&
          HttpHealthy(*host, *resource) == v1::ANSWER_YES &&
          ServesRelease(desk->op, *resource, *host) == v1::ANSWER_YES) {
        desk->Reach(visit.node, v1::NODE_STEP_HTTP_READY);
      }
    }
  }
  // The same for its rest: it was idle all the time before it found out.
  const v1::NodeStep before_rest = EndedByCluster(*desk) ? v1::NODE_STEP_HTTP_READY : v1::NODE_STEP_CLUSTER_START;
  if (dc != nullptr && visit.HasReached(before_rest) && !visit.HasReached(v1::NODE_STEP_CLUSTER_IDLE) &&
      dc->fresh.cluster >= visit.Reached(before_rest) && dc->report.cluster().idle() == v1::ANSWER_YES) {
    desk->Reach(visit.node, v1::NODE_STEP_CLUSTER_IDLE);
  }
}

void AskForReturn(const NodeVisit& visit, Desk* desk) {
  const absl::Time since = ReturnSince(visit, *desk);
  const HostView* dc = DcView(desk->view);
  const HostView* host = ConnectedNode(desk->view, visit.node);
  for (const auto& [name, node] : desk->view.nodes) {
    if (node.connected && (dc == nullptr || dc == &node)) {
      desk->Ask(node, Desk::Fact::kCluster, kClusterPoll, since);
    }
    // All who held an instance are counted at the end.
    if (node.connected && visit.step == v1::NODE_STEP_CLUSTER_IDLE) desk->Ask(node, Desk::Fact::kHttp, kClusterPoll);
  }
  if (host == nullptr || StaysAway(visit)) return;
  if (!visit.HasReached(v1::NODE_STEP_PORT_BOUND)) desk->Ask(*host, Desk::Fact::kUnits, kUnitPoll, since);
  if (visit.HasReached(v1::NODE_STEP_UNIT_ACTIVE) && !visit.HasReached(v1::NODE_STEP_HTTP_READY)) {
    desk->Ask(*host, Desk::Fact::kHttp, kHttpPoll, visit.Reached(v1::NODE_STEP_UNIT_ACTIVE));
  }
}

bool SettleServers(const NodeVisit& visit, Desk* desk) {
  bool settled = true;
  for (const Lease& lease : LeasesOf(desk->op)) {
    if (!lease.at_balancer() || lease.node != visit.node) continue;
    settled = PursueUndo(lease, desk) && settled;
  }
  return settled;
}

// A server that has no instance behind it must not be made ready while HAProxy still takes it for up, which it does
// from the moment maint ends: it is drained first, where checks run and clients are not sent. True when it may be.
bool SeenDown(const NodeVisit& visit, Desk* desk) {
  bool down = true;
  const std::vector<ServerRef> servers = ServersFor(desk->view, desk->op.spec.resource(), visit.node);
  for (size_t i = 0; i < servers.size(); ++i) {
    const ServerRef& server = servers[i];
    if (server.lb == nullptr || server.fact == nullptr) continue;
    desk->Ask(*server.lb, Desk::Fact::kLbServers, kLbPoll);
    const std::string purpose = absl::StrCat(desk->op.id, "/", visit.node, "/check-", LbName(i));
    const std::vector<const IssuedAction*> attempts = desk->op.Attempts(purpose);
    if (attempts.empty()) {
      v1::Action action;
      v1::SetLbServer* set = action.mutable_set_lb_server();
      set->set_backend(server.backend);
      set->set_server(server.server);
      set->set_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
      set->set_lease_id(LbLeaseId(desk->op.id, visit.node, i));
      *set->mutable_duration() = desk->op.spec.lease();
      desk->Act(server.host, visit.node, purpose, action, kLbActionTimeout);
      down = false;
      continue;
    }
    const absl::Time drained = attempts.back()->ended_at;
    desk->WakeAt(drained + kLbDownWait);
    const bool failed_its_check = server.lb->fresh.lb_servers >= drained + kLbCheckSettle &&
                                  !server.fact->check_status().empty() && server.fact->check_status() != "L7OK";
    if (!failed_its_check && desk->now < drained + kLbDownWait) down = false;
  }
  return down;
}

// The servers are ready, up, and checked since. True when seen so.
bool BackInRotation(const NodeVisit& visit, Desk* desk) {
  const bool stays_away = StaysAway(visit);
  // Once a release was sent there is no way back to draining.
  const std::vector<Lease> leases = LeasesOf(desk->op);
  const bool released = std::any_of(leases.begin(), leases.end(), [&visit](const Lease& lease) {
    return lease.at_balancer() && lease.node == visit.node && !lease.undos.empty();
  });
  if (stays_away && !released && !SeenDown(visit, desk)) return false;
  if (!SettleServers(visit, desk)) return false;
  if (stays_away) return true;
  for (const ServerRef& server : ServersFor(desk->view, desk->op.spec.resource(), visit.node)) {
    if (server.lb == nullptr || server.fact == nullptr) return false;
    absl::Time released_at = desk->op.resumed_at;
    for (const Lease& lease : leases) {
      if (!lease.at_balancer() || lease.node != visit.node || lease.host != server.host || lease.undos.empty())
        continue;
      released_at = std::max(released_at, lease.LastUndo()->ended_at);
    }
    // Nobody has released what was hit without warning: there, what was read before its return says nothing.
    const absl::Time since = std::max(released_at + kLbCheckSettle, visit.Reached(v1::NODE_STEP_HTTP_READY));
    desk->WakeAt(since);
    desk->Ask(*server.lb, Desk::Fact::kLbServers, kLbPoll, std::min(desk->now, since));
    if (server.lb->fresh.lb_servers < since || !IsUpAndChecked(*server.fact)) return false;
  }
  return true;
}

bool AsManyAsBefore(const NodeVisit& visit, const Desk& desk) {
  const v1::ResourceDescription* resource = FindResource(desk.view, desk.op.spec.resource());
  const HostView* dc = DcView(desk.view);
  return resource != nullptr && dc != nullptr && dc->fresh.cluster >= visit.Entered(v1::NODE_STEP_CLUSTER_IDLE) &&
         CountServing(desk.view, dc->report.cluster(), *resource, "", visit.Entered(v1::NODE_STEP_CLUSTER_IDLE)) ==
             static_cast<int>(desk.op.instance_nodes.size());
}

// The first step after `step` whose milestone has not been reached.
v1::NodeStep NextReturnStep(const NodeVisit& visit, v1::NodeStep step) {
  for (const v1::NodeStep next : kReturnSteps) {
    if (next <= step) continue;
    const bool skipped = StaysAway(visit) && next >= v1::NODE_STEP_UNIT_ACTIVE && next <= v1::NODE_STEP_HTTP_READY;
    // The servers and the count of instances are each worked on, however early the cluster was idle.
    const bool worked_on = next == v1::NODE_STEP_LB_READY || next == v1::NODE_STEP_CLUSTER_IDLE;
    if (worked_on || (!skipped && !visit.HasReached(next))) return next;
  }
  return v1::NODE_STEP_DONE;
}

void FinishVisit(const NodeVisit& visit, Desk* desk) {
  v1::NodeReport report = BuildNodeReport(desk->op, visit, desk->view);
  *report.mutable_ended_at() = ToProto(desk->now);
  if (desk->op.stop.has_value()) {
    report.set_problem(desk->op.stop->reason());
  } else {
    report.set_step(v1::NODE_STEP_DONE);
  }
  desk->EndNode(report);
  desk->Traffic(TrafficCommand::kWindow, desk->op.spec.has_rollout() ? BakeWindow(visit.node) : "");
}

}  // namespace

void GiveBack(const NodeVisit& visit, Desk* desk) {
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll);
  AskForReturn(visit, desk);
  if (visit.step == v1::NODE_STEP_RESTORE) {
    const bool fault_gone = PursueFaultUndo(visit.node, desk);
    const bool settled = PursueCibUndo(visit.node, desk) && fault_gone;
    // The cluster may start the instance before its rule is seen gone; that is noted, but not relied on.
    if (settled) desk->Enter(visit.node, v1::NODE_STEP_CLUSTER_START);
    return;
  }
  NoteReturn(visit, desk);
  if (desk->wrote()) return;
  switch (visit.step) {
    case v1::NODE_STEP_LB_READY:
      if (!visit.HasReached(v1::NODE_STEP_LB_READY)) {
        if (BackInRotation(visit, desk) && !desk->wrote()) desk->Reach(visit.node, v1::NODE_STEP_LB_READY);
        return;
      }
      break;
    case v1::NODE_STEP_CLUSTER_IDLE:
      if (!visit.HasReached(v1::NODE_STEP_CLUSTER_IDLE) || !AsManyAsBefore(visit, *desk)) return;
      if (TraitsOf(desk->op.spec).may_fence &&
          !NodeIsBack(visit, desk->view, visit.Entered(v1::NODE_STEP_CLUSTER_IDLE))) {
        return;
      }
      if (!CleanUpAfterFault(visit, desk) || desk->wrote()) return;
      return desk->Enter(visit.node, v1::NODE_STEP_AUDIT);
    case v1::NODE_STEP_AUDIT:
      if (Audit(visit, desk)) FinishVisit(visit, desk);
      return;
    default:
      if (NextReturnStep(visit, static_cast<v1::NodeStep>(visit.step - 1)) == visit.step) return;  // not reached yet
      break;
  }
  desk->Enter(visit.node, NextReturnStep(visit, visit.step));
}

void Restore(const NodeVisit& visit, Desk* desk) {
  if (visit.step < v1::NODE_STEP_RESTORE) {
    // Nothing of the operation can be in force anywhere: there is nothing to look at either.
    if (!desk->op.Touched()) return FinishVisit(visit, desk);
    desk->Enter(visit.node, v1::NODE_STEP_RESTORE, desk->op.stop->reason());
    return;
  }
  // Its agent ends it before the lease does, and its answer is waited for no longer than that.
  if (IsChanging(desk->op, visit.node)) return desk->AskAllNodes(Desk::Fact::kCluster, kClusterPoll);
  const absl::Duration patience = FromProto(desk->op.spec.step_deadline());
  // The DC may be the reason for the stop: who is it now?
  desk->AskAllNodes(Desk::Fact::kCluster, kClusterPoll);
  const bool fault_gone = PursueFaultUndo(/*node=*/"", desk);
  const bool settled = PursueCibUndo(/*node=*/"", desk) && fault_gone;
  if (desk->wrote()) return;
  if (visit.step < v1::NODE_STEP_CLUSTER_START) {
    if (settled) {
      if (!desk->op.Touched(visit.node)) return FinishVisit(visit, desk);
      return desk->Enter(visit.node, v1::NODE_STEP_CLUSTER_START);
    }
    // The load balancer's undo waits for nobody's quorum.
    desk->WakeAt(desk->op.stop_at + patience);
    if (desk->now >= desk->op.stop_at + patience) SettleServers(visit, desk);
    return;
  }
  NoteReturn(visit, desk);
  if (desk->wrote()) return;
  const absl::Time waited_since = std::max(visit.Entered(v1::NODE_STEP_CLUSTER_START), desk->op.stop_at);
  desk->WakeAt(waited_since + patience);
  const bool serves = settled && visit.HasReached(v1::NODE_STEP_CLUSTER_START) &&
                      (visit.HasReached(v1::NODE_STEP_HTTP_READY) || StaysAway(visit));
  const bool waits = desk->now < waited_since + patience;
  // A node that does not serve has nothing to be cleaned up yet: its failure says why.
  if (waits && (!serves || !CleanUpAfterFault(visit, desk))) return AskForReturn(visit, desk);
  if (SettleServers(visit, desk) && !desk->wrote() && settled) FinishVisit(visit, desk);
}

}  // namespace jettyfleet
