#include "coordinator/apply/apply_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "coordinator/plan/apply_plan.h"
#include "coordinator/verify/judge.h"

namespace jettyfleet {
namespace {

constexpr absl::Duration kGateDeadline = absl::Seconds(30);
constexpr absl::Duration kReadyDeadline = absl::Minutes(3);
constexpr absl::Duration kUnlockDeadline = absl::Seconds(20);
constexpr absl::Duration kLockDuration = absl::Minutes(5);
constexpr absl::Duration kActionTimeout = absl::Seconds(60);
// On top of the agent's own deadline, for the way there and back.
constexpr absl::Duration kAnswerSlack = absl::Seconds(5);
constexpr absl::Duration kAskAgain = absl::Milliseconds(250);
constexpr int kMostUnknownOutcomes = 3;

}  // namespace

ApplyRun::ApplyRun(std::string id, v1::ClusterDescription description, std::string who, std::string why, Seams seams)
    : id_(std::move(id)),
      description_(std::move(description)),
      who_(std::move(who)),
      why_(std::move(why)),
      seams_(std::move(seams)) {}

std::optional<absl::Status> ApplyRun::Step(const ClusterView& view, absl::Time now) {
  if (ended_.has_value()) return ended_;
  if (phase_began_ == absl::InfinitePast()) Enter(Phase::kGate, now);
  switch (phase_) {
    case Phase::kGate:
      Gate(view, now);
      break;
    case Phase::kLock:
      Lock(view, now);
      break;
    case Phase::kPlan:
      Plan(view, now);
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

absl::Status ApplyRun::Issue(const std::string& host, v1::Action action, const std::string& what, absl::Time now) {
  action.set_id(absl::StrCat(id_, "/", ++action_count_));
  action.set_operation_id(id_);
  *action.mutable_timeout() = ToProto(kActionTimeout);
  std::vector<v1::JournalRecord> records(1);
  *records[0].mutable_at() = ToProto(now);
  records[0].set_cluster(description_.cluster());
  records[0].set_operation_id(id_);
  records[0].set_who(who_);
  records[0].set_why(why_);
  records[0].mutable_action_issued()->set_host(host);
  *records[0].mutable_action_issued()->mutable_action() = action;
  const bool undo = action.has_release_lock();
  if (const absl::Status kept = seams_.journal->Append(&records, undo ? RecordUse::kUndo : RecordUse::kOrdinary);
      !kept.ok() && !undo) {
    return kept;
  }
  if (!seams_.send(host, action)) {
    return absl::UnavailableError(absl::StrCat("the agent on ", host, " is not connected"));
  }
  action_id_ = action.id();
  action_what_ = what;
  action_deadline_ = now + kActionTimeout + kAnswerSlack;
  return absl::OkStatus();
}

std::optional<v1::ActionResult> ApplyRun::TakeResult(const ClusterView& view, absl::Time now) {
  v1::ActionResult result;
  if (const auto found = view.results.find(action_id_); found != view.results.end()) {
    result = found->second;
  } else if (now > action_deadline_) {
    result.set_action_id(action_id_);
    result.set_outcome(v1::ActionResult::OUTCOME_TIMED_OUT);
    result.set_message("no answer from the agent");
  } else {
    return std::nullopt;
  }
  std::vector<v1::JournalRecord> records(1);
  *records[0].mutable_at() = ToProto(now);
  records[0].set_cluster(description_.cluster());
  records[0].set_operation_id(id_);
  records[0].set_who(who_);
  *records[0].mutable_action_ended()->mutable_result() = result;
  // Its loss would lose no more than a line of history: the next step reads the CIB, not the journal.
  if (const absl::Status kept = seams_.journal->Append(&records, RecordUse::kUndo); !kept.ok()) {
    Progress(v1::ApplyProgress::STATE_FAILED, "journal", std::string(kept.message()), now);
  }
  action_id_.clear();
  return result;
}

void ApplyRun::AskDc(const std::string& dc, absl::Time now) {
  if (now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  v1::Observe observe;
  observe.set_cluster(true);
  observe.set_cib(true);
  seams_.observe(dc, observe);
}

void ApplyRun::Gate(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  std::string missing = "no node with an agent is a DC with quorum (pcs status; systemctl status jettyfleet-agent)";
  if (dc.empty()) {
    // Views may be a minute old when idle: everyone has to look again before the answer can be no.
    if (now - asked_at_ >= kAskAgain) {
      asked_at_ = now;
      v1::Observe observe;
      observe.set_cluster(true);
      for (const auto& [node, host] : view.nodes) seams_.observe(node, observe);
    }
  } else {
    const HostView& host = view.nodes.at(dc);
    const v1::ClusterFact& cluster = host.report.cluster();
    if (host.fresh.cluster < phase_began_ || host.fresh.cib < phase_began_) {
      missing = absl::StrCat("the DC ", dc, " does not answer");
    } else if (!host.report.cib().error().empty()) {
      missing = absl::StrCat("the CIB cannot be read on ", dc, ": ", host.report.cib().error());
    } else if (cluster.idle() != v1::ANSWER_YES) {
      missing = absl::StrCat("the cluster is in transition (", cluster.dc_state(), " on ", dc, ")");
    } else if (cluster.maintenance_mode()) {
      missing = "the cluster is in maintenance mode; pcs property set maintenance-mode=false";
    } else {
      std::set<std::string> members;
      for (const v1::ClusterNodeFact& node : cluster.nodes()) members.insert(node.name());
      for (const std::string& node : description_.nodes()) {
        if (!members.contains(node)) {
          return End(absl::InvalidArgumentError(absl::StrCat("the description names node ", node, ", the cluster has ",
                                                             absl::StrJoin(members, ", "))),
                     now);
        }
      }
      Progress(v1::ApplyProgress::STATE_DONE, "gate", absl::StrCat("quorum, idle, DC ", dc), now);
      return Enter(Phase::kLock, now);
    }
    AskDc(dc, now);
  }
  if (now - phase_began_ > kGateDeadline) End(absl::FailedPreconditionError(missing), now);
}

void ApplyRun::Lock(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  if (action_id_.empty()) {
    if (dc.empty()) return Enter(Phase::kGate, now);
    v1::Action action;
    action.set_epoch(view.epoch);
    action.mutable_acquire_lock()->set_holder(view.coordinator_uuid);
    *action.mutable_acquire_lock()->mutable_duration() = ToProto(kLockDuration);
    if (const absl::Status issued = Issue(dc, std::move(action), "lock", now); !issued.ok()) return End(issued, now);
    lock_tried_ = true;
    return;
  }
  const std::optional<v1::ActionResult> result = TakeResult(view, now);
  if (!result.has_value()) return;
  if (result->outcome() == v1::ActionResult::OUTCOME_DONE) return Enter(Phase::kPlan, now);
  if (result->outcome() == v1::ActionResult::OUTCOME_REFUSED && result->has_lock()) {
    lock_tried_ = false;  // it is not ours to give back
    return End(absl::AbortedError(result->message()), now);
  }
  if (result->outcome() == v1::ActionResult::OUTCOME_TIMED_OUT && ++unknown_outcomes_ < kMostUnknownOutcomes) {
    return Enter(Phase::kGate, now);  // acquiring again is harmless if we already hold it
  }
  End(absl::FailedPreconditionError(result->message()), now);
}

void ApplyRun::Plan(const ClusterView& view, absl::Time now) {
  if (!action_id_.empty()) {
    const std::string what = action_what_;
    const std::optional<v1::ActionResult> result = TakeResult(view, now);
    if (!result.has_value()) return;
    if (result->outcome() == v1::ActionResult::OUTCOME_DONE) {
      Progress(v1::ApplyProgress::STATE_DONE, what, "", now);
      done_what_ = what;
    } else if (result->outcome() == v1::ActionResult::OUTCOME_TIMED_OUT && ++unknown_outcomes_ < kMostUnknownOutcomes) {
      Progress(v1::ApplyProgress::STATE_FAILED, what, absl::StrCat(result->message(), "; reading what became of it"),
               now);
    } else {
      Progress(v1::ApplyProgress::STATE_FAILED, what, result->message(), now);
      return End(absl::InternalError(absl::StrCat(what, ": ", result->message())), now);
    }
    Enter(Phase::kPlan, now);  // everything is read again before the next step
  }
  const std::string dc = QuorateDc(view);
  if (dc.empty()) return Enter(Phase::kGate, now);
  const HostView& host = view.nodes.at(dc);
  const v1::ClusterFact& cluster = host.report.cluster();
  if (host.fresh.cib < phase_began_ || host.fresh.cluster < phase_began_ || !host.report.cib().error().empty() ||
      cluster.idle() != v1::ANSWER_YES) {
    AskDc(dc, now);
    if (now - phase_began_ > kReadyDeadline) {
      End(absl::DeadlineExceededError(absl::StrCat("the cluster does not come to rest on ", dc)), now);
    }
    return;
  }
  while (resource_ < description_.resources_size()) {
    const v1::ResourceDescription& wanted = description_.resources(resource_);
    ApplyStep step = NextApplyStep(wanted, host.report.cib(), cluster.nodes_size());
    switch (step.kind) {
      case ApplyStep::Kind::kUnchanged:
        Progress(v1::ApplyProgress::STATE_UNCHANGED, absl::StrCat("resource ", wanted.name()), step.what, now);
        ++resource_;
        continue;
      case ApplyStep::Kind::kRefuse:
        return End(absl::FailedPreconditionError(step.what), now);
      case ApplyStep::Kind::kAct:
        if (step.what == done_what_) {
          return End(absl::InternalError(absl::StrCat(step.what, ": the agent answered that it is done, the CIB does ",
                                                      "not show it; has somebody undone it? (pcs resource config)")),
                     now);
        }
        Progress(v1::ApplyProgress::STATE_STARTED, step.what, "", now);
        step.action.set_epoch(view.epoch);
        if (const absl::Status issued = Issue(dc, std::move(step.action), step.what, now); !issued.ok()) {
          End(issued, now);
        }
        return;
    }
  }
  Enter(Phase::kReady, now);
}

void ApplyRun::Ready(const ClusterView& view, absl::Time now) {
  const std::string dc = QuorateDc(view);
  std::vector<std::string> missing;
  if (dc.empty()) missing.push_back("no DC with quorum");
  for (const v1::ResourceDescription& resource : description_.resources()) {
    if (dc.empty()) break;
    const uint32_t node_count = view.nodes.at(dc).report.cluster().nodes_size();
    const uint32_t expected =
        resource.clone_max() == 0 ? node_count : std::min<uint32_t>(resource.clone_max(), node_count);
    const std::vector<std::string> running = NodesRunning(view, resource);
    if (running.size() < expected) {
      missing.push_back(absl::StrCat(running.size(), " of ", expected, " instances of ", resource.name(), " started"));
    }
    for (const std::string& node : running) {
      const auto host = view.nodes.find(node);
      if (host == view.nodes.end()) {
        missing.push_back(absl::StrCat("no agent on ", node));
        continue;
      }
      const v1::VerifyFinding finding = JudgeInstance(host->second, resource, phase_began_);
      if (finding.passed() != v1::ANSWER_YES) {
        missing.push_back(absl::StrCat(finding.subject(), ": ", finding.detail()));
      } else if (ready_.insert(finding.subject()).second) {
        Progress(v1::ApplyProgress::STATE_DONE, finding.subject(), finding.detail(), now);
      }
    }
  }
  if (missing.empty()) return End(absl::OkStatus(), now);
  if (now - phase_began_ > kReadyDeadline) {
    return End(absl::DeadlineExceededError(absl::StrCat("not ready: ", absl::StrJoin(missing, "; "))), now);
  }
  if (now - asked_at_ < kAskAgain) return;
  asked_at_ = now;
  for (const auto& [node, host] : view.nodes) {
    v1::Observe observe;
    observe.set_units(true);
    observe.set_http(true);
    observe.set_cluster(node == dc);
    seams_.observe(node, observe);
  }
}

void ApplyRun::End(absl::Status status, absl::Time now) {
  verdict_ = std::move(status);
  action_id_.clear();
  if (!lock_tried_) {
    ended_ = verdict_;
    return;
  }
  Enter(Phase::kUnlock, now);
}

void ApplyRun::Unlock(const ClusterView& view, absl::Time now) {
  if (!action_id_.empty()) {
    const std::optional<v1::ActionResult> result = TakeResult(view, now);
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
  action.set_epoch(view.epoch);
  action.mutable_release_lock()->set_holder(view.coordinator_uuid);
  // Not sent: tried again until the deadline.
  Issue(dc, std::move(action), "unlock", now).IgnoreError();
}

}  // namespace jettyfleet
