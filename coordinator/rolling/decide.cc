#include "coordinator/rolling/decide.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/budget.h"
#include "coordinator/rolling/desk.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/judge_stop.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/lock.h"
#include "coordinator/rolling/order.h"
#include "coordinator/rolling/report.h"
#include "coordinator/rolling/rollout.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/slower.h"
#include "coordinator/rolling/timing.h"
#include "coordinator/rolling/visit.h"

namespace jettyfleet {
namespace {

// After this no answer is waited for. An act cannot begin after its not_after; an undo may be repeated at any time.
absl::Time AnswerDeadline(const IssuedAction& action) {
  const absl::Time begins = action.action.has_not_after() ? FromProto(action.action.not_after()) : action.issued_at;
  return begins + FromProto(action.action.timeout()) + kAnswerGrace;
}

// An agent that was cut off while it had the action is reported as timed out at no time: the action may still run, and
// its own answer may yet come.
bool IsAnswer(const v1::ActionResult& result) {
  return result.outcome() != v1::ActionResult::OUTCOME_TIMED_OUT || result.has_began_at();
}

void NoteAnswers(Desk* desk) {
  for (const IssuedAction& action : desk->op.actions) {
    if (action.ended) continue;
    const auto answer = desk->view.results.find(action.action.id());
    if (answer != desk->view.results.end() && IsAnswer(answer->second)) {
      v1::ActionResult result = answer->second;
      result.set_action_id(action.action.id());
      desk->EndAction(action, result, /*unanswered=*/false);
    } else if (desk->now >= AnswerDeadline(action)) {
      v1::ActionResult result;
      result.set_action_id(action.action.id());
      result.set_message(absl::StrCat("the agent on ", action.host, " gave no answer; what it did is not known"));
      desk->EndAction(action, result, /*unanswered=*/true);
    } else {
      desk->WakeAt(AnswerDeadline(action));
    }
  }
}

void Plan(Desk* desk) {
  const absl::Time since = std::max(desk->op.began_at, desk->op.resumed_at);
  const HostView* dc = DcView(desk->view);
  const v1::ResourceDescription* resource = FindResource(desk->view, desk->op.spec.resource());
  if (resource == nullptr) {
    return desk->Stop(v1::StopRequested::CAUSE_GATE, absl::StrCat("the description of cluster ", desk->view.cluster,
                                                                  " has no resource ", desk->op.spec.resource()));
  }
  desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll, since);
  const absl::Time deadline = since + FromProto(desk->op.spec.gate_deadline());
  desk->WakeAt(deadline);
  if (dc == nullptr || dc->fresh.cluster < since) {
    if (desk->now >= deadline) desk->Stop(v1::StopRequested::CAUSE_GATE, "no DC with quorum is heard any more");
    return;
  }
  const std::set<std::string> holders = StartedOn(dc->report.cluster(), *resource);
  std::set<std::string> targets(desk->op.spec.nodes().begin(), desk->op.spec.nodes().end());
  if (TraitsOf(desk->op.spec).aimed_at_dc) targets = {dc->host};
  for (const std::string& target : targets) {
    if (holders.count(target) > 0) continue;
    return desk->Stop(v1::StopRequested::CAUSE_GATE,
                      absl::StrCat("node ", target, " holds no started instance of ", resource->name()));
  }
  if (holders.empty()) {
    return desk->Stop(v1::StopRequested::CAUSE_GATE,
                      absl::StrCat("no node holds a started instance of ", resource->name()));
  }
  if (targets.empty()) targets = holders;
  if (const std::string problem = PlanProblem(desk->op.spec, desk->view.description, dc->report.cluster(), targets);
      !problem.empty()) {
    return desk->Stop(v1::StopRequested::CAUSE_GATE, problem);
  }
  desk->PlanNodes(VisitingOrder(targets, dc->host, desk->view.coordinator_node),
                  std::vector<std::string>(holders.begin(), holders.end()));
}

// The order is made anew each time, since the DC may have moved.
void VisitNext(Desk* desk) {
  const HostView* dc = DcView(desk->view);
  if (dc == nullptr || dc->fresh.cluster < desk->op.resumed_at) {
    absl::Time since = desk->op.resumed_at;
    for (const NodeVisit& visit : desk->op.visits) since = std::max(since, visit.ended_at);
    since = std::max(since, desk->op.began_at);
    desk->AskAllNodes(Desk::Fact::kCluster, kGatePoll, since);
    const absl::Time deadline = since + FromProto(desk->op.spec.gate_deadline());
    desk->WakeAt(deadline);
    // Planned is later than begun; the lock's own deadline bounds that part.
    if (desk->now >= deadline && !desk->op.visits.empty()) {
      desk->Stop(v1::StopRequested::CAUSE_GATE, "no DC with quorum is heard any more");
    }
    return;
  }
  std::set<std::string> left(desk->op.nodes.begin(), desk->op.nodes.end());
  for (const NodeVisit& visit : desk->op.visits) left.erase(visit.node);
  desk->Enter(VisitingOrder(NextOf(desk->op.spec, left), dc->host, desk->view.coordinator_node).front(),
              v1::NODE_STEP_GATE);
}

// From the first baseline to the last node's end, or until it has been watched. A probe that is not running is started
// (again): after a restart of the coordinator its counts are gone, and the report says so.
void KeepTraffic(Desk* desk) {
  const NodeVisit* visit = desk->op.Current();
  if (desk->view.description.traffic().url().empty() || desk->view.traffic.running) return;
  if (visit == nullptr && desk->op.spec.has_rollout() && !desk->op.stop.has_value() && !desk->op.visits.empty()) {
    desk->Traffic(TrafficCommand::kStart);
    return desk->Traffic(TrafficCommand::kWindow, BakeWindow(desk->op.visits.back().node));
  }
  if (visit == nullptr || visit->step < v1::NODE_STEP_BASELINE) return;
  desk->Traffic(TrafficCommand::kStart);
  desk->Traffic(TrafficCommand::kWindow,
                absl::StrCat(visit->node, visit->step == v1::NODE_STEP_BASELINE ? "/baseline" : "/visit"));
}

absl::Time LastVisitEnd(const Operation& op) {
  absl::Time end = std::max(op.stop_at, op.resumed_at);
  for (const NodeVisit& visit : op.visits) end = std::max(end, visit.ended_at);
  return end;
}

void Finish(Desk* desk) {
  if (desk->view.traffic.running) {
    desk->Traffic(TrafficCommand::kStop);
    const absl::Time deadline = LastVisitEnd(desk->op) + kTrafficEndWait;
    desk->WakeAt(deadline);
    if (desk->now < deadline) return;
  }
  if (!desk->op.stop.has_value()) {
    // Requests that were in flight when the last visit ended count too.
    if (const auto overspent = OverspentBudget(desk->op, desk->view)) {
      return desk->Stop(v1::StopRequested::CAUSE_BUDGET, *overspent);
    }
  }
  // A partition can end, and bring back what the other side's CIB still held, until the very end.
  const bool faults_gone = PursueFaultUndo(/*node=*/"", desk);
  if (desk->op.stop.has_value() && (!PursueCibUndo(/*node=*/"", desk) || !faults_gone)) {
    return desk->AskAllNodes(Desk::Fact::kCluster, kClusterPoll);
  }
  std::string remark;
  if (!GiveLockBack(desk, &remark)) return;
  v1::OperationEnded end;
  end.set_state(Outcome(desk->op));
  if (desk->op.stop.has_value()) end.set_reason(desk->op.stop->reason());
  const auto all = desk->view.traffic.windows.find("");
  if (all != desk->view.traffic.windows.end()) *end.mutable_traffic() = all->second;
  for (const std::string& text : Remarks(desk->op, desk->view, end.traffic())) end.add_remarks(text);
  if (!remark.empty()) end.add_remarks(remark);
  desk->EndOperation(end);
}

void Work(Desk* desk) {
  const NodeVisit* visit = desk->op.Current();
  if (desk->op.stop.has_value()) {
    if (visit != nullptr) return Restore(*visit, desk);
    return Finish(desk);
  }
  const bool bakes = Bakes(desk);
  if (desk->wrote()) return;
  if (desk->op.AllVisited() && !bakes) return Finish(desk);
  if (!JudgeLock(desk->op).held) return TakeLock(desk);
  KeepLock(desk);
  if (desk->wrote()) return;
  if (!desk->op.planned) return Plan(desk);
  if (bakes || !Staged(desk)) return;
  if (visit == nullptr) return VisitNext(desk);
  if (visit->step < v1::NODE_STEP_RESTORE) return TakeOut(*visit, desk);
  return GiveBack(*visit, desk);
}

}  // namespace

Decision Decide(const Operation& operation, const ClusterView& view, absl::Time now) {
  Desk desk(operation, view, now);
  if (operation.id.empty() || operation.end.has_value()) return desk.Take();
  NoteAnswers(&desk);
  if (desk.wrote()) return desk.Take();
  if (!operation.stop.has_value()) {
    JudgeAbort(&desk);
    if (!desk.wrote()) JudgeStop(&desk);
    if (desk.wrote()) return desk.Take();
  }
  KeepTraffic(&desk);
  Work(&desk);
  desk.WakeAt(now + kLongestSleep);
  return desk.Take();
}

}  // namespace jettyfleet
