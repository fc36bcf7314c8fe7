#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/fault.h"
#include "coordinator/rolling/gate.h"
#include "coordinator/rolling/goal.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/means.h"
#include "coordinator/rolling/rollout.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"
#include "coordinator/rolling/visit.h"

namespace jettyfleet {
namespace {

using AdminState = v1::LbServerFact::AdminState;

absl::Time Since(const NodeVisit& visit, v1::NodeStep step, const Desk& desk) {
  return std::max(visit.Entered(step), desk.op.resumed_at);
}

// Asks every host for everything that the gate judges.
void AskForAll(absl::Time since, Desk* desk) {
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll, since);
  desk->AskAllNodes(Desk::Fact::kUnits, kGatePoll, since);
  desk->AskAllNodes(Desk::Fact::kHttp, kGatePoll, since);
  if (const HostView* dc = DcView(desk->view)) desk->Ask(*dc, Desk::Fact::kCib, kGatePoll, since);
  for (const auto& [name, host] : desk->view.load_balancers) {
    if (host.connected) desk->Ask(host, Desk::Fact::kLbServers, kGatePoll, since);
  }
}

// True when the gate is open. Stops the operation when it will not open, or has not in time.
bool PassGate(const NodeVisit& visit, GateScope scope, absl::Time since, Desk* desk) {
  AskForAll(since, desk);
  const std::vector<GateProblem> problems = JudgeGate(desk->op, desk->view, visit.node, scope, since, desk->now);
  if (problems.empty()) return true;
  const auto has = [&problems](GateProblem::Kind kind) {
    return std::any_of(problems.begin(), problems.end(), [kind](const GateProblem& p) { return p.kind == kind; });
  };
  const absl::Time deadline = since + FromProto(desk->op.spec.gate_deadline());
  if ((has(GateProblem::kFirm) && !has(GateProblem::kNotSeen)) || desk->now >= deadline) {
    desk->Stop(v1::StopRequested::CAUSE_GATE,
               absl::StrCat("the gate of ", visit.node, " said no: ", Describe(problems)));
  }
  desk->WakeAt(deadline);
  return false;
}

void WaitAtGate(const NodeVisit& visit, Desk* desk) {
  const absl::Time since = Since(visit, v1::NODE_STEP_GATE, *desk);
  if (!PassGate(visit, GateScope::kBeforeVisit, since, desk)) return;
  desk->Enter(visit.node, v1::NODE_STEP_BASELINE);
  desk->Traffic(TrafficCommand::kWindow, absl::StrCat(visit.node, "/baseline"));
}

void WaitForBaseline(const NodeVisit& visit, Desk* desk) {
  const bool measured = !desk->view.description.traffic().url().empty();
  const absl::Time since = Since(visit, v1::NODE_STEP_BASELINE, *desk);
  // What an earlier life of the coordinator measured is gone with it.
  const bool again = desk->op.resumed_at > visit.Entered(v1::NODE_STEP_BASELINE);
  const absl::Duration baseline = FromProto(desk->op.spec.baseline());
  const absl::Time end = since + (again ? std::min(baseline, kBaselineAgain) : baseline);
  desk->WakeAt(end);
  if (desk->now < end) return;
  if (measured) {
    const auto window = desk->view.traffic.windows.find(absl::StrCat(visit.node, "/baseline"));
    const bool answered = window != desk->view.traffic.windows.end() && window->second.requests() > 0;
    const absl::Time deadline = end + FromProto(desk->op.spec.gate_deadline());
    desk->WakeAt(deadline);
    if (!answered && desk->now < deadline) return;
    if (!answered) {
      desk->Stop(v1::StopRequested::CAUSE_GATE,
                 absl::StrCat("no request was answered at ", desk->view.description.traffic().url(),
                              "; check the description's traffic.url"));
      return;
    }
  }
  // What comes without warning is not announced to the load balancers either.
  const bool without_warning = TraitsOf(desk->op.spec).without_warning;
  desk->Enter(visit.node, without_warning ? v1::NODE_STEP_ACT : v1::NODE_STEP_DRAIN);
  desk->Traffic(TrafficCommand::kWindow, absl::StrCat(visit.node, "/visit"));
}

void SetServer(const NodeVisit& visit, const ServerRef& server, int index, const std::string& purpose, AdminState state,
               Desk* desk) {
  v1::Action action;
  v1::SetLbServer* set = action.mutable_set_lb_server();
  set->set_backend(server.backend);
  set->set_server(server.server);
  set->set_state(state);
  set->set_lease_id(LbLeaseId(desk->op.id, visit.node, index));
  *set->mutable_duration() = desk->op.spec.lease();
  desk->Act(server.host, visit.node, purpose, action, kLbActionTimeout);
}

// Puts every server of the node into `state`. True when all are seen there; `sessions` is then what they still hold.
bool PutServers(const NodeVisit& visit, AdminState state, const std::string& verb, uint64_t* sessions, Desk* desk) {
  bool all = true;
  const std::vector<ServerRef> servers = ServersFor(desk->view, desk->op.spec.resource(), visit.node);
  for (size_t i = 0; i < servers.size(); ++i) {
    const ServerRef& server = servers[i];
    if (server.lb == nullptr) {
      all = false;  // its lease and the step's deadline bound the wait
      continue;
    }
    desk->Ask(*server.lb, Desk::Fact::kLbServers, kLbPoll, desk->op.resumed_at);
    const std::string purpose = absl::StrCat(desk->op.id, "/", visit.node, "/", verb, "-", LbName(i));
    const bool seen = server.fact != nullptr && server.fact->admin_state() == state;
    switch (JudgeGoal(desk->op, purpose, server.lb->fresh.lb_servers, seen)) {
      case Goal::kIssue:
        SetServer(visit, server, i, purpose, state, desk);
        all = false;
        break;
      case Goal::kWaiting:
        all = false;
        break;
      case Goal::kGaveUp:
        desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                   absl::StrCat("the agent on ", server.host, " did not answer '", verb, "' of ", server.backend, "/",
                                server.server, "; check that agent"));
        return false;
      case Goal::kMet:
        *sessions += server.fact->current_sessions();
        break;
    }
  }
  return all;
}

void Drain(const NodeVisit& visit, Desk* desk) {
  uint64_t sessions = 0;
  const bool drained = PutServers(visit, v1::LbServerFact::ADMIN_STATE_DRAIN, "drain", &sessions, desk);
  const absl::Time deadline = visit.Entered(v1::NODE_STEP_DRAIN) + FromProto(desk->op.spec.drain_deadline());
  desk->WakeAt(deadline);
  if (desk->wrote() || !drained || (sessions > 0 && desk->now < deadline)) return;
  desk->Enter(visit.node, v1::NODE_STEP_MAINT,
              sessions > 0 ? absl::StrCat(sessions, " sessions left at the drain's deadline") : "drained");
}

void Maintain(const NodeVisit& visit, Desk* desk) {
  uint64_t sessions = 0;
  const bool out = PutServers(visit, v1::LbServerFact::ADMIN_STATE_MAINT, "maint", &sessions, desk);
  if (desk->wrote() || !out || sessions > 0) return;
  desk->Reach(visit.node, v1::NODE_STEP_MAINT);
  desk->Enter(visit.node, v1::NODE_STEP_ACT);
}

// How long the node may be held out: it has to be back before HAProxy's own lease lets clients in again.
absl::Duration HoldFor(const NodeVisit& visit, const Desk& desk) {
  absl::Time end = desk.now + FromProto(desk.op.spec.lease());
  bool behind_lb = false;
  for (const Lease& lease : LeasesOf(desk.op)) {
    if (!lease.at_balancer() || lease.node != visit.node) continue;
    end = std::min(end, lease.earliest_end);
    behind_lb = true;
  }
  const absl::Duration reserve = behind_lb ? FromProto(desk.op.spec.lease()) / 4 : absl::ZeroDuration();
  return absl::Floor(end - desk.now - reserve, absl::Seconds(1));
}

void HoldOut(const NodeVisit& visit, const HostView& dc, const std::string& purpose, Desk* desk) {
  const absl::Duration hold = HoldFor(visit, *desk);
  if (hold < kShortestHold) {
    desk->Stop(v1::StopRequested::CAUSE_DEADLINE,
               absl::StrCat("only ", absl::FormatDuration(hold), " of the lease are left after draining ", visit.node,
                            "; use a longer lease"));
    return;
  }
  v1::Action action;
  if (desk->op.spec.scenario() == v1::SCENARIO_STANDBY) {
    v1::StandbyNode* standby = action.mutable_standby_node();
    standby->set_lease_id(CibLeaseId(desk->op.id, visit.node));
    standby->set_node(visit.node);
    *standby->mutable_duration() = ToProto(hold);
  } else {
    v1::EvictNode* evict = action.mutable_evict_node();
    evict->set_lease_id(CibLeaseId(desk->op.id, visit.node));
    evict->set_node(visit.node);
    evict->set_clone(CloneOf(dc.report.cluster(), *FindResource(desk->view, desk->op.spec.resource())));
    *evict->mutable_duration() = ToProto(hold);
  }
  desk->Act(dc.host, visit.node, purpose, action, kCibActionTimeout);
}

void ActOnNode(const NodeVisit& visit, Desk* desk) {
  const std::string purpose = absl::StrCat(desk->op.id, "/", visit.node, "/act");
  const std::vector<const IssuedAction*> attempts = desk->op.Attempts(purpose);
  const HostView* dc = DcView(desk->view);
  if (dc == nullptr) {
    desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll);
    return;  // the step's deadline bounds the wait
  }
  const v1::CibEntryFact* entry = FindCibEntry(*dc, CibLeaseId(desk->op.id, visit.node));
  const bool seen = entry != nullptr && FromProto(entry->ends_at()) > desk->now;
  switch (JudgeGoal(desk->op, purpose, dc->fresh.cib, seen)) {
    case Goal::kMet:
      desk->Enter(visit.node, v1::NODE_STEP_LEAVE);
      return;
    case Goal::kGaveUp:
      desk->Stop(v1::StopRequested::CAUSE_ACTION_FAILED,
                 absl::StrCat("the agent on ", attempts.back()->host, " did not answer; check that agent"));
      return;
    case Goal::kWaiting:
      desk->Ask(*dc, Desk::Fact::kCib, kClusterPoll,
                attempts.empty() || !attempts.back()->ended ? desk->op.resumed_at : attempts.back()->ended_at);
      return;
    case Goal::kIssue:
      break;
  }
  // The gate once more: draining took its time, and an attempt that was lost more.
  absl::Time since = Since(visit, v1::NODE_STEP_ACT, *desk);
  if (!attempts.empty()) since = std::max(since, attempts.back()->ended_at);
  if (PassGate(visit, GateScope::kBeforeAct, since, desk)) HoldOut(visit, *dc, purpose, desk);
}

// The gate once more, right before the fault: all of the node's servers are in rotation, as before the visit.
void BreakNode(const NodeVisit& visit, Desk* desk) {
  if (!HasToBreak(visit, desk) || !HasMeans(visit, desk)) return;
  const std::vector<const IssuedAction*> attempts =
      desk->op.Attempts(absl::StrCat(desk->op.id, "/", visit.node, "/act"));
  absl::Time since = Since(visit, v1::NODE_STEP_ACT, *desk);
  if (!attempts.empty()) since = std::max(since, attempts.back()->ended_at);
  if (PassGate(visit, GateScope::kBeforeVisit, since, desk)) Break(visit, desk);
}

void SeeItLeave(const NodeVisit& visit, Desk* desk) {
  const absl::Time since = Since(visit, v1::NODE_STEP_ACT, *desk);
  const v1::ResourceDescription* resource = FindResource(desk->view, desk->op.spec.resource());
  const HostView* dc = DcView(desk->view);
  const HostView* host = ConnectedNode(desk->view, visit.node);
  for (const auto& [name, node] : desk->view.nodes) {
    if (!node.connected) continue;
    if (dc == nullptr || dc == &node) desk->Ask(node, Desk::Fact::kCluster, kClusterPoll, since);
    if (name == visit.node) {
      desk->Ask(node, Desk::Fact::kUnits, kUnitPoll, since);
    } else {
      desk->Ask(node, Desk::Fact::kHttp, kClusterPoll, since);
    }
  }
  if (resource == nullptr || dc == nullptr || host == nullptr) return;
  const v1::ClusterFact& fact = dc->report.cluster();
  const bool gone = dc->fresh.cluster >= since && !HoldsInstance(fact, *resource, visit.node) &&
                    host->fresh.units >= since && UnitActive(*host, *resource) == v1::ANSWER_NO;
  if (!gone) return;
  if (!visit.HasReached(v1::NODE_STEP_LEAVE)) {
    desk->Reach(visit.node, v1::NODE_STEP_LEAVE);
    return;
  }
  if (CountServing(desk->view, fact, *resource, visit.node, visit.Reached(v1::NODE_STEP_LEAVE)) <
      static_cast<int>(desk->op.spec.min_serving())) {
    return;
  }
  if (!ChangeArchive(visit, desk)) return;
  desk->Enter(visit.node, v1::NODE_STEP_RESTORE, "the instance is gone and the others serve");
}

}  // namespace

void TakeOut(const NodeVisit& visit, Desk* desk) {
  // What would stop the operation (judge_stop.h) has to be seen when it happens, whatever the step itself looks at.
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll);
  desk->AskAllNodes(Desk::Fact::kHttp, kGatePoll);
  const bool without_warning = TraitsOf(desk->op.spec).without_warning;
  switch (visit.step) {
    case v1::NODE_STEP_GATE:
      return WaitAtGate(visit, desk);
    case v1::NODE_STEP_BASELINE:
      return WaitForBaseline(visit, desk);
    case v1::NODE_STEP_DRAIN:
      return Drain(visit, desk);
    case v1::NODE_STEP_MAINT:
      return Maintain(visit, desk);
    case v1::NODE_STEP_ACT:
      return without_warning ? BreakNode(visit, desk) : ActOnNode(visit, desk);
    case v1::NODE_STEP_LEAVE:
      return without_warning ? SeeItBroken(visit, desk) : SeeItLeave(visit, desk);
    default:
      return;  // GiveBack's steps
  }
}

}  // namespace jettyfleet
