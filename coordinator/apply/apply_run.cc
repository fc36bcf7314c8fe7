#include "coordinator/apply/apply_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log.h"
#include "common/proto_time.h"
#include "coordinator/apply/readiness.h"
#include "coordinator/plan/planner.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kGateDeadline = absl::Seconds(30);
// Once begun: a DC that crashed is fenced, and the cluster comes to rest, before the next step.
constexpr absl::Duration kRestDeadline = absl::Minutes(3);
constexpr absl::Duration kReadyDeadline = absl::Minutes(3);
constexpr absl::Duration kUnlockDeadline = absl::Seconds(20);
constexpr absl::Duration kLockDuration = absl::Minutes(10);
constexpr absl::Duration kAskAgain = absl::Milliseconds(100);
// A cluster may be idle for a moment before it begins with what it was told, and what an agent read of its instances may
// be a little older than what it read of its state.
constexpr absl::Duration kSurpriseGrace = absl::Seconds(5);
// What is forgotten by a cleanup may be the very thing that keeps the cluster from coming to rest.
constexpr absl::Duration kBusyWithFailures = absl::Seconds(15);
constexpr int kMostUnknownOutcomes = 5;
constexpr std::size_t kMostSteps = 200;

}  // namespace

ApplyRun::ApplyRun(ApplyOrder order, Seams seams)
    : order_(std::move(order)),
      seams_(std::move(seams)),
      flight_({order_.id, order_.description.cluster(), order_.who, order_.why}, seams_.journal, seams_.send),
      look_flight_({order_.id, order_.description.cluster(), order_.who, order_.why}, seams_.journal, seams_.send) {}

std::optional<absl::Status> ApplyRun::Step(const ClusterView& view, absl::Time now) {
  if (ended_.has_value()) return ended_;
  if (phase_began_ == absl::InfinitePast()) Enter(Phase::kGate, now);
  TakePredictions(view, now);
  switch (phase_) {
    case Phase::kGate:
      Gate(view, now);
      break;
    case Phase::kLock:
      Lock(view, now);
      break;
    case Phase::kPlan:
      MakeNextStep(view, now);
      break;
    case Phase::kPredict:
      // What was planned on has not changed by being looked at, but time has passed: everything is read again.
      if (!look_flight_.under_way()) Enter(Phase::kPlan, now);
      break;
    case Phase::kDrain:
      Drain(view, now);
      break;
    case Phase::kGiveBack:
      GiveBack(view, now);
      break;
    case Phase::kAct:
      Act(view, now);
      break;
    case Phase::kSettle:
      Settle(view, now);
      break;
    case Phase::kReady:
      Ready(view, now);
      break;
    case Phase::kUnlock:
      Unlock(view, now);
      break;
  }
  return ended_;
}

void ApplyRun::Enter(Phase phase, absl::Time now) {
  phase_ = phase;
  phase_began_ = now;
  asked_at_ = absl::InfinitePast();
}

void ApplyRun::Progress(v1::ApplyProgress::State state, const std::string& step, const std::string& detail,
                        absl::Time now) {
  v1::ApplyProgress progress;
  *progress.mutable_at() = ToProto(now);
  progress.set_step(step);
  progress.set_state(state);
  progress.set_detail(detail);
  seams_.progress(progress);
}

void ApplyRun::AskDc(const std::string& dc, absl::Time now) {
  if (now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  v1::Observe observe;
  observe.set_cluster(true);
  observe.set_cib(true);
  seams_.observe(dc, observe);
}

// Views may be a minute old when idle: everyone has to look again before the answer can be no.
void ApplyRun::AskAll(const ClusterView& view, absl::Time now) {
  if (now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  v1::Observe observe;
  observe.set_cluster(true);
  observe.set_cib(true);
  for (const auto& [node, host] : view.nodes) seams_.observe(node, observe);
}

void ApplyRun::Gate(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  std::string missing;
  if (dc.empty()) {
    AskAll(view, now);
    missing = DcClaims(view);
  } else {
    const HostView& host = view.nodes.at(dc);
    const v1::ClusterFact& cluster = host.report.cluster();
    const bool busy = cluster.idle() != v1::ANSWER_YES;
    if (host.fresh.cluster < phase_began_ || host.fresh.cib < phase_began_) {
      missing = absl::StrCat("the DC ", dc, " does not answer");
    } else if (!host.report.cib().error().empty()) {
      missing = absl::StrCat("the CIB cannot be read on ", dc, ": ", host.report.cib().error());
    } else if (busy && (now - phase_began_ < kBusyWithFailures || !HasFailures(cluster))) {
      missing = absl::StrCat("the cluster is in transition (", cluster.dc_state(), " on ", dc, ")");
    } else if (cluster.maintenance_mode()) {
      missing = "the cluster is in maintenance mode; pcs property set maintenance-mode=false";
    } else {
      if (said_.insert(absl::StrCat("gate ", dc)).second) {
        Progress(v1::ApplyProgress::STATE_DONE, "gate",
                 absl::StrCat("quorum, ", busy ? "busy with failures" : "idle", ", DC ", dc), now);
      }
      // Taken by a coordinator that died: ours to give back.
      for (const v1::CibEntryFact& entry : host.report.cib().ours()) {
        lock_tried_ |= entry.kind() == v1::CibEntryFact::KIND_LOCK && entry.operation_id() == order_.id;
      }
      // What is refused, or needs nothing, needs no lock.
      const Plan plan = MakePlan(order_.description, view);
      if (!plan.refused.empty()) return End(absl::FailedPreconditionError(plan.refused), now);
      if (plan.steps.empty()) return NothingLeft(plan, now);
      // Not sent: asked for again when it is needed.
      AskForPredictions(view, {plan.steps.front()}, dc, now).IgnoreError();
      return Enter(Phase::kLock, now);
    }
    AskDc(dc, now);
  }
  if (now - phase_began_ > (lock_tried_ ? kRestDeadline : kGateDeadline)) {
    End(absl::FailedPreconditionError(missing), now);
  }
}

void ApplyRun::Lock(const ClusterView& view, absl::Time now) {
  if (!flight_.under_way()) {
    if (now - locked_at_ < kLockDuration / 2) return Enter(Phase::kPlan, now);
    const std::string dc = QuorateDc(view);
    if (dc.empty()) return Enter(Phase::kGate, now);
    v1::Action action;
    if (locked_at_ == absl::InfinitePast()) {
      action.mutable_acquire_lock()->set_holder(view.coordinator_uuid);
      *action.mutable_acquire_lock()->mutable_duration() = ToProto(kLockDuration);
    } else {
      action.mutable_renew_lock()->set_holder(view.coordinator_uuid);
      *action.mutable_renew_lock()->mutable_duration() = ToProto(kLockDuration);
    }
    const absl::Status issued = flight_.Issue(dc, std::move(action), view.epoch, now);
    if (absl::IsUnavailable(issued)) return StartOver(std::string(issued.message()), now);
    if (!issued.ok()) return End(issued, now);
    lock_tried_ = true;
    return;
  }
  const std::optional<v1::ActionResult> result = flight_.Take(view, now);
  if (!result.has_value()) return;
  if (result->outcome() == v1::ActionResult::OUTCOME_DONE) {
    locked_at_ = now;
    return Enter(Phase::kPlan, now);
  }
  if (result->outcome() == v1::ActionResult::OUTCOME_REFUSED && result->has_lock()) {
    lock_tried_ = false;  // it is not ours to give back
    return End(absl::AbortedError(result->message()), now);
  }
  // Acquiring again is harmless if we already hold it.
  if (result->outcome() == v1::ActionResult::OUTCOME_TIMED_OUT) return StartOver(result->message(), now);
  End(absl::FailedPreconditionError(result->message()), now);
}

void ApplyRun::MakeNextStep(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return Enter(Phase::kGate, now);
  if (now - locked_at_ >= kLockDuration / 2) return Enter(Phase::kLock, now);
  const HostView& host = view.nodes.at(dc);
  const v1::ClusterFact& cluster = host.report.cluster();
  const bool seen =
      host.fresh.cib >= phase_began_ && host.fresh.cluster >= phase_began_ && host.report.cib().error().empty();
  const bool at_rest =
      cluster.idle() == v1::ANSWER_YES || (now - phase_began_ >= kBusyWithFailures && HasFailures(cluster));
  if (!seen || !at_rest) {
    AskDc(dc, now);
    if (now - phase_began_ > kRestDeadline) {
      End(absl::DeadlineExceededError(absl::StrCat("the cluster does not come to rest on ", dc)), now);
    }
    return;
  }
  Plan plan = MakePlan(order_.description, view);
  if (!plan.refused.empty()) return End(absl::FailedPreconditionError(plan.refused), now);
  if (plan.steps.empty()) return NothingLeft(plan, now);
  PlanStep& next = plan.steps.front();
  if (done_.contains(next.what) || done_.size() > kMostSteps) {
    const v1::CleanupResource& cleanup = next.action.cleanup_resource();
    return End(absl::InternalError(absl::StrCat(next.what, ": it was done, and it is needed again (", next.found,
                                                "); is somebody undoing it, or does it fail each time?",
                                                FailureOn(view, cleanup.resource(), cleanup.node()))),
               now);
  }
  if (!IsPredicted(next, view)) {
    const absl::Status asked = AskForPredictions(view, {next}, dc, now);
    return asked.ok() ? Enter(Phase::kPredict, now) : StartOver(std::string(asked.message()), now);
  }
  next.action.set_also_in_transition(cluster.idle() != v1::ANSWER_YES);
  following_ = plan.steps.size() > 1 ? std::optional<PlanStep>(plan.steps[1]) : std::nullopt;
  Begin(view, std::move(next), now);
}

void ApplyRun::NothingLeft(const Plan& plan, absl::Time now) {
  for (const v1::ResourceDescription& resource : order_.description.resources()) {
    Progress(v1::ApplyProgress::STATE_UNCHANGED, absl::StrCat("resource ", resource.name()), "as described", now);
  }
  for (const std::string& remark : plan.remarks) Progress(v1::ApplyProgress::STATE_UNCHANGED, "remark", remark, now);
  Enter(Phase::kReady, now);
}

bool ApplyRun::IsPredicted(const PlanStep& step, const ClusterView& view) const {
  // A prediction is for the members that there were.
  return predictions_.contains(step.what) && InstancesOf(view).members == predicted_for_;
}

absl::Status ApplyRun::AskForPredictions(const ClusterView& view, const std::vector<PlanStep>& steps,
                                         const std::string& dc, absl::Time now) {
  if (look_flight_.under_way() || IsPredicted(steps.back(), view)) return absl::OkStatus();
  v1::Action look;
  asked_steps_.clear();
  asked_for_ = InstancesOf(view).members;
  for (const PlanStep& step : steps) {
    asked_steps_.push_back(step.what);
    *look.mutable_predict_actions()->add_actions() = step.action;
  }
  return look_flight_.Ask(dc, std::move(look), view.epoch, now);
}

void ApplyRun::TakePredictions(const ClusterView& view, absl::Time now) {
  if (!look_flight_.under_way()) return;
  const std::optional<v1::ActionResult> result = look_flight_.Take(view, now);
  if (!result.has_value()) return;
  if (result->outcome() != v1::ActionResult::OUTCOME_DONE && result->predictions_size() == 0) {
    // Elsewhere it is asked for again when it is needed.
    if (phase_ == Phase::kPredict) StartOver(result->message(), now);
    return;
  }
  if (predicted_for_ != asked_for_) predictions_.clear();
  predicted_for_ = asked_for_;
  for (std::size_t i = 0; i < asked_steps_.size(); ++i) {
    v1::Prediction prediction;
    if (static_cast<int>(i) < result->predictions_size()) {
      prediction = result->predictions(static_cast<int>(i));
    } else {
      prediction.set_error(result->message().empty() ? "the agent predicted nothing" : result->message());
    }
    // What could not be predicted beside an act is asked for again after it.
    const bool beside = asked_steps_.size() > 1;
    if (!beside || prediction.predicted() == v1::ANSWER_YES) predictions_[asked_steps_[i]] = std::move(prediction);
  }
}

void ApplyRun::Begin(const ClusterView& view, PlanStep step, absl::Time now) {
  const v1::Prediction& prediction = predictions_.at(step.what);
  const Disruption disruption = DisruptionOf(step.action, prediction, view);
  if (disruption.nodes.size() > 1) {
    return End(absl::FailedPreconditionError(absl::StrCat(step.what, " would stop ",
                                                          absl::StrJoin(disruption.instances, " and "),
                                                          " at once; do it by hand, node by node")),
               now);
  }
  if (!order_.allow_disruption && (disruption.unknown || !disruption.instances.empty())) {
    return End(absl::FailedPreconditionError(absl::StrCat(
                   step.what,
                   disruption.unknown ? absl::StrCat(" cannot be predicted (", prediction.error(), ")")
                                      : absl::StrCat(" would stop ", absl::StrJoin(disruption.instances, " and ")),
                   "; --allow-disruption does it nevertheless")),
               now);
  }
  step_prediction_ = prediction;
  step_ = std::move(step);
  before_ = InstancesOf(view);
  Progress(v1::ApplyProgress::STATE_STARTED, step_.what, step_.found, now);
  if (disruption.nodes.empty()) return IssueStep(view, now);
  drain_.emplace(order_.id, disruption.nodes.front(), &flight_, seams_.observe);
  Progress(v1::ApplyProgress::STATE_STARTED, absl::StrCat("drain ", drain_->node()), "", now);
  Enter(Phase::kDrain, now);
}

void ApplyRun::Drain(const ClusterView& view, absl::Time now) {
  const std::optional<absl::Status> drained = drain_->TakeOut(view, now);
  if (!drained.has_value()) return;
  if (!drained->ok()) return End(*drained, now);
  Progress(v1::ApplyProgress::STATE_DONE, absl::StrCat("drain ", drain_->node()), "", now);
  IssueStep(view, now);
}

void ApplyRun::IssueStep(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  if (dc.empty() && step_.host.empty()) return StartOver("there is no DC with quorum any more", now);
  const absl::Status issued = flight_.Issue(step_.host.empty() ? dc : step_.host, step_.action, view.epoch, now);
  if (absl::IsUnavailable(issued)) return StartOver(std::string(issued.message()), now);
  if (!issued.ok()) return End(issued, now);
  // On a copy on which this step may have been done by then, or not: it is tried there first where it is missing. Not
  // sent: asked for again when it is needed.
  if (following_.has_value() && !dc.empty()) AskForPredictions(view, {step_, *following_}, dc, now).IgnoreError();
  Enter(Phase::kAct, now);
}

void ApplyRun::GiveBack(const ClusterView& view, absl::Time now) {
  const std::optional<absl::Status> given = drain_->GiveBack(view, now);
  if (!given.has_value()) return;
  Progress(given->ok() ? v1::ApplyProgress::STATE_DONE : v1::ApplyProgress::STATE_FAILED,
           absl::StrCat("give ", drain_->node(), " back"), std::string(given->message()), now);
  drain_.reset();
  if (ending_) return End(verdict_, now);
  Enter(Phase::kGate, now);
}

void ApplyRun::Act(const ClusterView& view, absl::Time now) {
  const std::optional<v1::ActionResult> result = flight_.Take(view, now);
  if (!result.has_value()) return;
  surprised_at_ = absl::InfiniteFuture();
  if (result->outcome() == v1::ActionResult::OUTCOME_DONE) return Enter(Phase::kSettle, now);
  Progress(v1::ApplyProgress::STATE_STARTED, step_.what, absl::StrCat(result->message(), "; reading what became of it"),
           now);
  if (result->outcome() == v1::ActionResult::OUTCOME_TIMED_OUT || result->in_transition()) {
    return StartOver(result->message(), now);
  }
  StepEnded(result->message(), now);
  End(absl::InternalError(absl::StrCat(step_.what, ": ", result->message())), now);
}

void ApplyRun::Settle(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return StartOver("there is no DC with quorum any more", now);
  const HostView& host = view.nodes.at(dc);
  const v1::ClusterFact& cluster = host.report.cluster();
  const auto acted = view.nodes.find(step_.host);
  const bool seen = host.fresh.cluster >= phase_began_ && host.fresh.cib >= phase_began_ &&
                    (acted == view.nodes.end() || acted->second.fresh.units >= phase_began_);
  const bool at_rest =
      cluster.idle() == v1::ANSWER_YES || (now - phase_began_ >= kBusyWithFailures && HasFailures(cluster));
  if (acted != view.nodes.end() && acted->second.fresh.units < phase_began_) {
    v1::Observe units;
    units.set_units(true);
    seams_.observe(step_.host, units);
  }
  if (seen && at_rest) {
    const std::string surprise = Surprise(step_prediction_, before_, view);
    if (surprise.empty()) {
      done_.insert(step_.what);
      StepEnded("", now);
      // What is only looked at follows no prediction: from what it is found to be the rest is predicted anew.
      if (AnyUnmanaged(cluster)) ForgetPredictions();
      if (drain_.has_value()) return Enter(Phase::kGiveBack, now);
      // What has just been observed serves the next step as well.
      phase_ = Phase::kPlan;
      return MakeNextStep(view, now);
    }
    surprised_at_ = std::min(surprised_at_, now);
    if (now - surprised_at_ > kSurpriseGrace) {
      StepEnded(surprise, now);
      return End(absl::InternalError(absl::StrCat(step_.what, ": ", surprise, "; stopped here")), now);
    }
  } else if (seen) {
    surprised_at_ = absl::InfiniteFuture();
  }
  AskDc(dc, now);
  if (now - phase_began_ > kRestDeadline) {
    End(absl::DeadlineExceededError(absl::StrCat("the cluster does not come to rest after ", step_.what)), now);
  }
}

void ApplyRun::StepEnded(const std::string& problem, absl::Time now) {
  Progress(problem.empty() ? v1::ApplyProgress::STATE_DONE : v1::ApplyProgress::STATE_FAILED, step_.what, problem, now);
  std::vector<v1::JournalRecord> records(1);
  *records[0].mutable_at() = ToProto(now);
  records[0].set_cluster(order_.description.cluster());
  records[0].set_operation_id(order_.id);
  records[0].set_who(order_.who);
  records[0].mutable_apply_step_ended()->set_step(step_.what);
  records[0].mutable_apply_step_ended()->set_detail(problem);
  records[0].mutable_apply_step_ended()->set_failed(!problem.empty());
  if (const absl::Status kept = seams_.journal->Append(&records, RecordUse::kOrdinary); !kept.ok()) {
    LogError(absl::StrCat(order_.id, ": the end of a step is not in the journal: ", kept.message()));
  }
}

void ApplyRun::Ready(const ClusterView& view, absl::Time now) {
  const Readiness readiness = JudgeReadiness(order_.description, view, phase_began_);
  for (const v1::VerifyFinding& finding : readiness.ready) {
    if (said_.insert(finding.subject()).second) {
      Progress(v1::ApplyProgress::STATE_DONE, finding.subject(), finding.detail(), now);
    }
  }
  if (readiness.missing.empty()) return End(absl::OkStatus(), now);
  if (now - phase_began_ > kReadyDeadline) {
    return End(absl::DeadlineExceededError(absl::StrCat("not ready: ", absl::StrJoin(readiness.missing, "; "))), now);
  }
  if (now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  const std::string dc = QuorateDc(view);
  for (const auto& [node, host] : view.nodes) {
    v1::Observe observe;
    observe.set_units(true);
    observe.set_http(true);
    observe.set_cluster(node == dc || dc.empty());
    seams_.observe(node, observe);
  }
  for (const auto& [balancer, host] : view.load_balancers) {
    v1::Observe observe;
    observe.set_lb_servers(true);
    seams_.observe(balancer, observe);
  }
}

void ApplyRun::ForgetPredictions() {
  predictions_.clear();
  look_flight_.Forget();
}

void ApplyRun::StartOver(const std::string& why, absl::Time now) {
  flight_.Forget();
  ForgetPredictions();
  if (++unknown_outcomes_ > kMostUnknownOutcomes) return End(absl::UnavailableError(why), now);
  said_.erase(said_.lower_bound("gate "), said_.upper_bound("gate~"));
  Progress(v1::ApplyProgress::STATE_STARTED, "gate", absl::StrCat(why, "; looking at the cluster again"), now);
  Enter(drain_.has_value() ? Phase::kGiveBack : Phase::kGate, now);
}

void ApplyRun::End(absl::Status status, absl::Time now) {
  verdict_ = std::move(status);
  flight_.Forget();
  look_flight_.Forget();
  ending_ = true;
  if (drain_.has_value()) return Enter(Phase::kGiveBack, now);
  if (!lock_tried_) {
    ended_ = verdict_;
    return;
  }
  Enter(Phase::kUnlock, now);
}

void ApplyRun::Unlock(const ClusterView& view, absl::Time now) {
  if (flight_.under_way()) {
    const std::optional<v1::ActionResult> result = flight_.Take(view, now);
    if (!result.has_value()) return;
    if (result->outcome() == v1::ActionResult::OUTCOME_DONE) ended_ = verdict_;
  }
  if (ended_.has_value()) return;
  if (now - phase_began_ > kUnlockDeadline) {
    Progress(
        v1::ApplyProgress::STATE_FAILED, "unlock",
        absl::StrCat("the lock could not be given back; it ends by itself after ", absl::FormatDuration(kLockDuration)),
        now);
    ended_ = verdict_;
    return;
  }
  const std::string dc = QuorateDc(view);
  if (dc.empty() || now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  v1::Action action;
  action.mutable_release_lock()->set_holder(view.coordinator_uuid);
  // Not sent: tried again until the deadline.
  flight_.Issue(dc, std::move(action), view.epoch, now).IgnoreError();
}

}  // namespace jettyfleet
