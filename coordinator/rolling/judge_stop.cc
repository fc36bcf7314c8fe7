#include "coordinator/rolling/judge_stop.h"

#include <algorithm>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"
#include "coordinator/rolling/budget.h"
#include "coordinator/rolling/facts.h"
#include "coordinator/rolling/leases.h"
#include "coordinator/rolling/return_wait.h"
#include "coordinator/rolling/scenario.h"
#include "coordinator/rolling/timing.h"

namespace jettyfleet {
namespace {

using Stop = v1::StopRequested;

bool IsBetween(v1::NodeStep step, v1::NodeStep first, v1::NodeStep last) { return step >= first && step <= last; }

// Empty: nothing is known to be wrong with the nodes' membership.
std::string MembershipProblem(const Operation& op, const ClusterView& view, const NodeVisit& visit) {
  const std::string& visited = visit.node;
  // A node that may be fenced leaves, boots and joins again; the gate of the next one looks whether it has.
  const bool may_leave = TraitsOf(op.spec).may_fence && visit.step >= v1::NODE_STEP_ACT;
  for (const auto& [name, host] : view.nodes) {
    if (!host.connected || (may_leave && name == visited)) continue;
    const v1::ClusterFact& fact = host.report.cluster();
    if (fact.quorum().quorate() == v1::ANSWER_NO) return absl::StrCat("node ", name, " has lost quorum");
    if (fact.connected() == v1::ANSWER_NO) return absl::StrCat("node ", name, " left the cluster");
  }
  const HostView* dc = DcView(view);
  if (dc == nullptr) return "";
  const v1::ClusterFact& fact = dc->report.cluster();
  for (const v1::ClusterNodeFact& node : fact.nodes()) {
    if (may_leave && node.name() == visited) continue;
    if (node.unclean()) return absl::StrCat("node ", node.name(), " is unclean");
    if (!node.online()) return absl::StrCat("node ", node.name(), " went offline");
    if (node.pending()) return absl::StrCat("node ", node.name(), " left and is joining again");
    if (node.maintenance()) return absl::StrCat("node ", node.name(), " was put into maintenance");
    if (node.standby() && node.name() != visited) return absl::StrCat("node ", node.name(), " was put into standby");
  }
  if (fact.maintenance_mode()) return "the cluster was put into maintenance mode";
  const v1::ResourceDescription* resource = FindResource(view, op.spec.resource());
  std::vector<const v1::FailureFact*> expected;
  if (resource != nullptr && visit.step >= v1::NODE_STEP_ACT) {
    expected = OurFailures(op.spec, fact, *resource, visited);
  }
  for (const v1::FailureFact& failure : fact.failures()) {
    if (std::count(expected.begin(), expected.end(), &failure) > 0) continue;
    return absl::StrCat("action ", failure.operation(), " of ", failure.resource(), " failed on ", failure.node());
  }
  return "";
}

// While the visited node is out, the others have to carry the load. Only a probe that failed counts as not serving.
std::string ServingProblem(const Operation& op, const ClusterView& view, const NodeVisit& visit) {
  const HostView* dc = DcView(view);
  const v1::ResourceDescription* resource = FindResource(view, op.spec.resource());
  if (dc == nullptr || resource == nullptr) return "";
  int others = 0;
  for (const std::string& node : StartedOn(dc->report.cluster(), *resource)) {
    if (node == visit.node) continue;
    const HostView* host = ConnectedNode(view, node);
    if (host == nullptr || HttpHealthy(*host, *resource) != v1::ANSWER_NO) ++others;
  }
  if (others >= static_cast<int>(op.spec.min_serving())) return "";
  return absl::StrCat("only ", others, " other instances serve, min_serving is ", op.spec.min_serving());
}

// Empty unless an act of this visit was answered with anything but done.
std::string FailedAct(const Operation& op, const NodeVisit& visit) {
  for (const IssuedAction& action : op.actions) {
    if (action.node != visit.node || action.undo || !action.ended || action.unanswered) continue;
    // It is asked again, as long as the audit may take; and no prediction is none.
    if (action.action.has_look_at_leftovers() || action.action.has_predict_transition()) continue;
    if (action.result.outcome() == v1::ActionResult::OUTCOME_DONE) continue;
    // The waiting is over, not the fencing.
    if (action.action.has_fence_node() && action.result.outcome() == v1::ActionResult::OUTCOME_TIMED_OUT) continue;
    return absl::StrCat("action ", action.action.id(), " on ", action.host, ": ",
                        v1::ActionResult::Outcome_Name(action.result.outcome()), " ", action.result.message());
  }
  return "";
}

// A lease whose end does not fit the host's answer was armed by a clock that is off.
std::string ClockProblem(const Operation& op) {
  for (const IssuedAction& action : op.actions) {
    if (action.undo || !action.Answered(v1::ActionResult::OUTCOME_DONE) || !action.result.has_ended_at()) continue;
    const absl::Time ended = FromProto(action.result.ended_at());
    if (ended < action.issued_at - kClockTolerance || ended > action.ended_at + kClockTolerance) {
      return absl::StrCat("the clock of ", action.host, " is off by ",
                          absl::FormatDuration(absl::Trunc(ended - action.ended_at, absl::Seconds(1))),
                          "; leases end by it, so set it right");
    }
  }
  return "";
}

struct Deadline {
  absl::Time now;
  absl::Time at = absl::InfiniteFuture();
  std::string what;  // once it is over; each decision asks, and few are late
};

void Earliest(absl::Time at, absl::FunctionRef<std::string()> what, Deadline* deadline) {
  if (at >= deadline->at) return;
  deadline->at = at;
  if (deadline->now >= at) deadline->what = what();
}

Deadline DeadlineOf(const Operation& op, const ClusterView& view, const NodeVisit& visit, absl::Time now) {
  const absl::Duration step = FromProto(op.spec.step_deadline());
  Deadline deadline;
  deadline.now = now;
  switch (visit.step) {
    case v1::NODE_STEP_DRAIN:
      Earliest(
          visit.Entered(v1::NODE_STEP_DRAIN) + FromProto(op.spec.drain_deadline()) + step,
          [] { return std::string("its servers were not seen to drain"); }, &deadline);
      break;
    case v1::NODE_STEP_MAINT:
      Earliest(
          visit.Entered(v1::NODE_STEP_MAINT) + step,
          [step] {
            return absl::StrCat("clients still held sessions ", absl::FormatDuration(step),
                                " after it was taken out of rotation");
          },
          &deadline);
      break;
    case v1::NODE_STEP_ACT:
    case v1::NODE_STEP_LEAVE:
      Earliest(
          visit.Entered(v1::NODE_STEP_ACT) + step,
          [step] {
            return absl::StrCat("its instance was not seen to leave, with enough others serving, in ",
                                absl::FormatDuration(step));
          },
          &deadline);
      break;
    case v1::NODE_STEP_AUDIT:
      break;  // it has a patience of its own
    default:
      Earliest(
          visit.Entered(v1::NODE_STEP_RESTORE) + step,
          [&] {
            return absl::StrCat("it was not whole ", absl::FormatDuration(step),
                                " after it was given back; it waited for ", WaitsFor(op, view, visit));
          },
          &deadline);
      break;
  }
  if (!IsBetween(visit.step, v1::NODE_STEP_DRAIN, v1::NODE_STEP_HTTP_READY)) return deadline;
  for (const Lease& lease : LeasesOf(op)) {
    if (lease.node != visit.node || lease.never_in_force) continue;
    if (!lease.at_balancer() && visit.step > v1::NODE_STEP_LEAVE) continue;
    Earliest(
        lease.earliest_end - kLeaseEndMargin,
        [&lease] { return absl::StrCat("lease ", lease.id, " was about to end"); }, &deadline);
  }
  return deadline;
}

}  // namespace

void JudgeAbort(Desk* desk) {
  const auto abort = desk->view.abort_requests.find(desk->op.id);
  if (abort != desk->view.abort_requests.end()) {
    desk->Stop(Stop::CAUSE_OPERATOR, absl::StrCat("aborted by ", abort->second));
  }
}

void JudgeStop(Desk* desk) {
  const NodeVisit* visit = desk->op.Current();
  if (const auto overspent = OverspentBudget(desk->op, desk->view)) {
    desk->Stop(Stop::CAUSE_BUDGET, *overspent);
    return;
  }
  if (visit == nullptr || visit->step < v1::NODE_STEP_BASELINE) return;
  const std::string membership = MembershipProblem(desk->op, desk->view, *visit);
  if (!membership.empty()) return desk->Stop(Stop::CAUSE_CLUSTER, membership);
  if (visit->step < v1::NODE_STEP_DRAIN) return;
  const std::string failed = FailedAct(desk->op, *visit);
  if (!failed.empty()) return desk->Stop(Stop::CAUSE_ACTION_FAILED, failed);
  const std::string clock = ClockProblem(desk->op);
  if (!clock.empty()) return desk->Stop(Stop::CAUSE_CLUSTER, clock);
  if (IsBetween(visit->step, v1::NODE_STEP_DRAIN, v1::NODE_STEP_LEAVE)) {
    const std::string serving = ServingProblem(desk->op, desk->view, *visit);
    if (!serving.empty()) return desk->Stop(Stop::CAUSE_CLUSTER, serving);
  }
  const Deadline deadline = DeadlineOf(desk->op, desk->view, *visit, desk->now);
  desk->WakeAt(deadline.at);
  if (desk->now >= deadline.at) {
    desk->Stop(Stop::CAUSE_DEADLINE, absl::StrCat("node ", visit->node, ": ", deadline.what));
  }
}

}  // namespace jettyfleet
