#include "agent/act/actor.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/act/cib_lease.h"
#include "agent/act/configure.h"
#include "agent/act/disable_unit.h"
#include "agent/act/evict.h"
#include "agent/act/fail_instance.h"
#include "agent/act/fault/fault_undo.h"
#include "agent/act/fault/faults.h"
#include "agent/act/fields.h"
#include "agent/act/inspect.h"
#include "agent/act/lb_address.h"
#include "agent/act/lb_server.h"
#include "agent/act/lb_weight.h"
#include "agent/act/lease_timer.h"
#include "agent/act/lock.h"
#include "agent/act/outcome.h"
#include "agent/act/stager.h"
#include "agent/act/standby.h"
#include "agent/act/sweep.h"
#include "common/log.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

constexpr std::size_t kMostWaiting = 32;
// After the end that a timer or Pacemaker sees to: the agent only clears away, or stands in where they failed.
constexpr absl::Duration kHostGrace = absl::Seconds(3);
constexpr absl::Duration kCibGrace = absl::Seconds(10);
constexpr absl::Duration kFirstSweep = absl::Seconds(5);
constexpr absl::Duration kSweepInterval = absl::Minutes(10);
// With leases on record: they may have been undone elsewhere.
constexpr absl::Duration kSweepIntervalWithLeases = absl::Minutes(1);
constexpr absl::Duration kSweepRetry = absl::Seconds(30);
constexpr absl::Duration kSweepTimeout = absl::Seconds(30);
constexpr absl::Duration kSweepAccuracy = absl::Seconds(1);

absl::Status Tell(const SweepReport& report) {
  for (const std::string& line : report.undone) LogInfo(absl::StrCat("cleared away: ", line));
  return report.status;
}

}  // namespace

// One action, or one sweep, from its arrival to its end. Lives until its result was given away.
struct Actor::Job {
  Job(ProcessRunner& processes, AdminSocket* haproxy, const Clock& clock, absl::Duration timeout)
      : began_at(clock.WallNow()),
        until(clock.MonotonicNow() + timeout),
        tools(processes, haproxy, clock, until),
        cib(tools) {}

  std::optional<v1::Action> action;  // none: a sweep
  std::vector<std::function<void(v1::ActionResult)>> done;
  const absl::Time began_at;
  const absl::Duration until;
  Tools tools;
  Cib cib;
  v1::ActionResult result;
};

Actor::Actor(Loop& loop, ProcessRunner& processes, const Clock& clock, Options options,
             std::function<void()> on_leases_changed)
    : loop_(loop),
      processes_(processes),
      clock_(clock),
      options_(std::move(options)),
      on_leases_changed_(std::move(on_leases_changed)),
      log_(options_.state_dir),
      leases_(options_.state_dir),
      looks_(loop, processes, clock, options_),
      markers_(processes, clock, InspectorOf(options_)) {
  if (!options_.haproxy_socket.empty()) haproxy_.emplace(loop, options_.haproxy_socket);
}

Actor::~Actor() { sd_event_source_disable_unref(watch_); }

absl::Status Actor::Open() {
  // First, because it makes the directory.
  if (const absl::Status opened = leases_.Open(); !opened.ok()) return opened;
  if (const absl::Status opened = log_.Open(); !opened.ok()) return opened;
  const int watched =
      sd_event_add_inotify(loop_.event(), &watch_, leases_.directory().c_str(),
                           IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR, &Actor::OnLeaseFile, this);
  if (watched < 0)
    return absl::UnavailableError(absl::StrCat("cannot watch ", leases_.directory(), ": errno ", -watched));
  reported_leases_ = SerializedLeases();
  ArmSweep(kFirstSweep);
  return absl::OkStatus();
}

absl::Status Actor::NoteEpoch(uint64_t epoch) {
  if (epoch < highest_epoch()) {
    return absl::FailedPreconditionError(absl::StrCat("the coordinator's epoch ", epoch, " is older than ",
                                                      highest_epoch(), ", which this agent has obeyed already"));
  }
  if (const absl::Status raised = log_.RaiseEpoch(epoch); !raised.ok()) {
    LogError(absl::StrCat("epoch ", epoch, " is not durable, so only undo is accepted: ", raised.message()));
  }
  return absl::OkStatus();
}

std::optional<v1::ActionResult> Actor::AnswerAtOnce(const v1::Action& action) {
  if (action.kind_case() == v1::Action::KIND_NOT_SET) {
    v1::ActionResult unknown =
        Refused("this agent does not know that kind of action; is it older than the coordinator?");
    unknown.set_outcome(v1::ActionResult::OUTCOME_UNIMPLEMENTED);
    return unknown;
  }
  if (action.epoch() < highest_epoch()) {
    return Refused(absl::StrCat("epoch ", action.epoch(), " is older than ", highest_epoch(),
                                ": a newer coordinator has taken over"));
  }
  // One that is under way may have been noted already.
  const v1::ActionResult* const before = FindJob(action.id()) == nullptr ? log_.Find(action.id()) : nullptr;
  if (before != nullptr) return *before;
  if (action.has_not_after() && FromProto(action.not_after()) < clock_.WallNow()) {
    return Refused(absl::StrCat("too late: not to begin after ", CibTime(FromProto(action.not_after())), ", and it is ",
                                CibTime(clock_.WallNow()), " here"));
  }
  if (const std::string problem = FieldProblem(action); !problem.empty()) return Refused(problem);
  const absl::Status durable = log_.RaiseEpoch(action.epoch());
  if (!durable.ok() && !IsUndo(action)) {
    return Refused(absl::StrCat("this agent cannot keep its state, so only undo is accepted: ", durable.message()));
  }
  return std::nullopt;
}

void Actor::Execute(const v1::Action& action, std::function<void(v1::ActionResult)> done) {
  std::optional<v1::ActionResult> answer = AnswerAtOnce(action);
  if (!answer.has_value() && OnlyLooks(action)) return looks_.Run(action, std::move(done));
  Job* const same = answer.has_value() ? nullptr : FindJob(action.id());
  if (same != nullptr) {
    same->done.push_back(std::move(done));
    return;
  }
  if (!answer.has_value() && waiting_.size() >= kMostWaiting) {
    answer = Refused(absl::StrCat("this agent has ", waiting_.size(), " actions waiting already; try again"));
  }
  if (answer.has_value()) {
    answer->set_action_id(action.id());
    if (!answer->has_began_at()) *answer->mutable_began_at() = ToProto(clock_.WallNow());
    if (!answer->has_ended_at()) *answer->mutable_ended_at() = ToProto(clock_.WallNow());
    return done(*std::move(answer));
  }
  auto job = std::make_unique<Job>(processes_, haproxy_.has_value() ? &*haproxy_ : nullptr, clock_, TimeoutOf(action));
  job->action = action;
  job->done.push_back(std::move(done));
  Enqueue(std::move(job));
}

std::vector<v1::LeaseFact> Actor::Leases() const {
  std::vector<v1::LeaseFact> facts;
  for (const auto& [id, record] : leases_.leases()) facts.push_back(record.lease());
  return facts;
}

Actor::Job* Actor::FindJob(const std::string& action_id) {
  const auto is = [&action_id](const std::unique_ptr<Job>& job) {
    return job != nullptr && job->action.has_value() && job->action->id() == action_id;
  };
  if (is(current_)) return current_.get();
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), is);
  return found == waiting_.end() ? nullptr : found->get();
}

void Actor::Enqueue(std::unique_ptr<Job> job) {
  waiting_.push_back(std::move(job));
  StartNext();
}

void Actor::StartNext() {
  if (current_ != nullptr || waiting_.empty()) return;
  current_ = std::move(waiting_.front());
  waiting_.pop_front();
  running_ = RunJob(*current_);
  running_.Start();
}

Task<bool> Actor::RunJob(Job& job) {
  if (!job.action.has_value()) {
    job.result = co_await SweepOnce(job);
  } else if (clock_.MonotonicNow() >= job.until) {
    job.result = Refused("its time was over while another action was under way; try again");
  } else if (job.action->epoch() < highest_epoch()) {
    job.result = Refused(absl::StrCat("epoch ", job.action->epoch(), " became older than ", highest_epoch(),
                                      " while another action was under way"));
  } else if (job.action->has_not_after() && FromProto(job.action->not_after()) < clock_.WallNow()) {
    job.result = Refused("too late: not_after passed while another action was under way");
  } else {
    job.result = co_await Carry(job);
  }
  // Not here: this coroutine cannot destroy itself.
  ended_timer_ = loop_.After(absl::ZeroDuration(), [this] { OnJobEnded(); });
  co_return true;
}

Task<v1::ActionResult> Actor::Carry(Job& job) {
  const v1::Action& action = *job.action;
  const std::string& operation = action.operation_id();
  switch (action.kind_case()) {
    case v1::Action::kAcquireLock:
      co_return co_await AcquireLock(job.cib, operation, action.epoch(), action.acquire_lock());
    case v1::Action::kRenewLock:
      co_return co_await RenewLock(job.cib, operation, action.renew_lock());
    case v1::Action::kReleaseLock:
      co_return co_await ReleaseLock(job.cib, operation, action.release_lock());
    case v1::Action::kEvictNode:
      co_return co_await EvictNode(job.cib, leases_, operation, action.evict_node());
    case v1::Action::kStandbyNode:
      co_return co_await StandbyNode(job.cib, leases_, operation, action.standby_node());
    case v1::Action::kRemoveCibLease:
      co_return co_await RemoveCibLease(job.cib, leases_, action.remove_cib_lease().lease_id());
    case v1::Action::kSetLbServer:
      co_return co_await SetLbServer(job.tools, leases_, UndoCommands(), operation, action.set_lb_server());
    case v1::Action::kSetLbWeight:
      co_return co_await SetLbWeight(job.tools, leases_, UndoCommands(), operation, action.set_lb_weight());
    case v1::Action::kSetLbAddress:
      co_return co_await SetLbAddress(job.tools, action.set_lb_address());
    case v1::Action::kCreateResource:
    case v1::Action::kCloneResource:
    case v1::Action::kSetOperation:
    case v1::Action::kSetMeta:
    case v1::Action::kAvoidNode:
    case v1::Action::kRemoveLocation:
    case v1::Action::kCleanupResource:
      co_return co_await Configure(job.cib, action);
    case v1::Action::kFailInstance:
      co_return co_await FailInstance(job.cib, operation, action.fail_instance());
    case v1::Action::kDisableUnit:
      co_return co_await DisableUnit(job.tools, action.disable_unit());
    case v1::Action::kStopUnit:
    case v1::Action::kKillUnit:
    case v1::Action::kFreezeUnit:
    case v1::Action::kBlackholePort:
    case v1::Action::kPartitionNode:
    case v1::Action::kKillDaemon:
    case v1::Action::kFenceNode:
      co_return co_await CarryFaultOf(job);
    case v1::Action::kUndoFault:
      co_return co_await UndoFault(job.tools, leases_, options_.paths, action.undo_fault().lease_id());
    case v1::Action::kDropStaged:
    case v1::Action::kSwitchArchive:
      co_return co_await RunStager(job.tools, StagerOf(options_), action);
    case v1::Action::kPredictActions:  // the lane's, like these
    case v1::Action::kInspect:
    case v1::Action::kLookForMarkers:
    case v1::Action::kRemoveMarkers:
    case v1::Action::kLookAtFaultMeans:
    case v1::Action::kStageArchive:
    case v1::Action::KIND_NOT_SET:
      break;
  }
  co_return Failed("an action without a kind");
}

FaultHands Actor::HandsOf(Job& job) {
  return {.cib = job.cib,
          .leases = leases_,
          .options = options_,
          .undo_command = UndoCommands(),
          .note_begun = [this, &job] { return log_.NoteBegun(job.action->id(), job.began_at); },
          .operation_id = job.action->operation_id(),
          .also_in_transition = job.action->also_in_transition()};
}

Task<v1::ActionResult> Actor::CarryFaultOf(Job& job) {
  FaultHands hands = HandsOf(job);
  co_return co_await CarryFault(hands, *job.action);
}

UndoCommandOf Actor::UndoCommands() const {
  return [this](const std::string& lease_id) {
    return UndoCommand(options_.self_path, options_.node, options_.state_dir, options_.haproxy_socket, lease_id);
  };
}

Task<v1::ActionResult> Actor::SweepOnce(Job& job) {
  markers_.Begin();
  const SweepReport host = co_await SweepHost(job.tools, leases_, options_.paths, kHostGrace);
  const SweepReport cib = co_await SweepCib(job.cib, leases_, kCibGrace);
  const absl::Status host_status = Tell(host);
  const absl::Status cib_status = Tell(cib);
  const absl::Status& worse = host_status.ok() ? cib_status : host_status;
  co_return worse.ok() ? Done() : Failed(absl::string_view(worse.message()));
}

void Actor::OnJobEnded() {
  running_ = Task<bool>();
  const std::unique_ptr<Job> job = std::move(current_);
  job->result.mutable_began_at()->CopyFrom(ToProto(job->began_at));
  job->result.mutable_ended_at()->CopyFrom(ToProto(clock_.WallNow()));
  if (job->action.has_value()) {
    job->result.set_action_id(job->action->id());
    Remember(job->result);
  }
  NoticeLeases();
  if (!job->action.has_value()) {
    sweep_failed_ = job->result.outcome() != v1::ActionResult::OUTCOME_DONE;
    // Worth no line where nothing is recorded: the cluster may just not run here.
    if (sweep_failed_ && !leases_.leases().empty()) {
      LogWarning(absl::StrCat("not yet cleared away: ", job->result.message()));
    }
    ArmSweep(sweep_failed_ ? kSweepRetry : kSweepInterval);
  } else if (std::none_of(waiting_.begin(), waiting_.end(),
                          [](const auto& next) { return !next->action.has_value(); })) {
    // An action may bring the next sweep forward by a lease of its own, never put it off: after a restart the first one
    // clears away what the agent's death has left, however much the coordinator asks for.
    ArmSweep(std::max(sweep_due_ - clock_.MonotonicNow(), absl::ZeroDuration()));
  }
  StartNext();
  // Last: these may call back.
  for (const auto& done : job->done) done(job->result);
}

void Actor::Remember(const v1::ActionResult& result) {
  if (result.outcome() == v1::ActionResult::OUTCOME_REFUSED) return;
  if (const absl::Status added = log_.Add(result); !added.ok()) {
    LogError(absl::StrCat("the result of ", result.action_id(), " is not durable: ", added.message()));
  }
}

int Actor::OnLeaseFile(sd_event_source*, const inotify_event*, void* actor) {
  Actor* const self = static_cast<Actor*>(actor);
  if (const absl::Status read = self->leases_.Reload(); !read.ok()) LogError(read.message());
  self->NoticeLeases();
  return 0;
}

std::string Actor::SerializedLeases() const {
  std::string all;
  for (const v1::LeaseFact& lease : Leases()) absl::StrAppend(&all, lease.SerializeAsString(), "\n");
  return all;
}

void Actor::NoticeLeases() {
  std::string now = SerializedLeases();
  if (now == reported_leases_) return;
  reported_leases_ = std::move(now);
  on_leases_changed_();
}

void Actor::ArmSweep(absl::Duration longest) {
  absl::Duration delay = longest;
  for (const v1::LeaseFact& lease : Leases()) {
    delay = std::min(delay, kSweepIntervalWithLeases);
    const absl::Duration grace = IsCibLease(lease) ? kCibGrace : kHostGrace;
    const absl::Duration left = FromProto(lease.ends_at()) + grace - clock_.WallNow();
    // What has ended and could not be cleared away waits for the retry.
    if (left > absl::ZeroDuration()) delay = std::min(delay, left);
  }
  sweep_due_ = clock_.MonotonicNow() + delay;
  sweep_timer_ = loop_.After(
      delay,
      [this] {
        Enqueue(std::make_unique<Job>(processes_, haproxy_.has_value() ? &*haproxy_ : nullptr, clock_, kSweepTimeout));
      },
      kSweepAccuracy);
}

}  // namespace jettyfleet
