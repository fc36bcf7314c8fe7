// The acting half of the agent: carries out typed actions, one at a time, and remembers what it did. Those that only
// look run beside them.
#ifndef JETTYFLEET_AGENT_ACT_ACTOR_H_
#define JETTYFLEET_AGENT_ACT_ACTOR_H_

#include <systemd/sd-event.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/act/action_log.h"
#include "agent/act/actor_options.h"
#include "agent/act/cib.h"
#include "agent/act/lease_store.h"
#include "agent/act/look_lane.h"
#include "agent/act/marker_sweeper.h"
#include "agent/act/task.h"
#include "agent/act/timed_lease.h"
#include "agent/act/tools.h"
#include "agent/haproxy/admin_socket.h"
#include "agent/loop.h"
#include "agent/process.h"
#include "common/clock.h"
#include "proto/action.pb.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

struct FaultHands;

// Owned by the Agent; loop thread only. All that it reaches is the ProcessRunner, HAProxy's admin socket, its state
// directory, and for faults the processes and control groups of this host. It holds no policy; what it refuses, it
// refuses because it could not be undone, or because the cluster's own word is missing (quorum), or because it is not
// the current coordinator's.
class Actor {
 public:
  using Options = ActorOptions;

  // `on_leases_changed`: Leases() has changed, by this agent or by a one-shot beside it. Never from inside a call.
  Actor(Loop& loop, ProcessRunner& processes, const Clock& clock, Options options,
        std::function<void()> on_leases_changed);
  // An action that is under way is abandoned: its program is left to the ProcessRunner, its `done` is not called.
  ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  // Reads the state directory, and begins to sweep what has ended. DataLoss names a damaged file and says what to do;
  // nothing is ever reset silently. Call once, before anything else.
  absl::Status Open();

  // FailedPrecondition: lower than the highest seen. A higher one counts from now on; where it cannot be made durable
  // (a full disk) this is logged, and until it can be, all but undo is refused.
  absl::Status NoteEpoch(uint64_t epoch);
  uint64_t highest_epoch() const { return log_.highest_epoch(); }

  // `done` is called exactly once, for a refusal perhaps before Execute returns. Order of judging: unknown kind, epoch,
  // an id that is done (its recorded result) or under way (the same result, later), not_after, fields. An id counts as
  // done once its outcome is DONE, FAILED or TIMED_OUT; what was REFUSED, and what only looks, may be tried again under
  // its id.
  void Execute(const v1::Action& action, std::function<void(v1::ActionResult)> done);

  std::vector<v1::LeaseFact> Leases() const;

 private:
  struct Job;

  static int OnLeaseFile(sd_event_source* source, const inotify_event* event, void* actor);

  std::optional<v1::ActionResult> AnswerAtOnce(const v1::Action& action);
  Job* FindJob(const std::string& action_id);
  void Enqueue(std::unique_ptr<Job> job);
  void StartNext();
  Task<bool> RunJob(Job& job);
  Task<v1::ActionResult> Carry(Job& job);
  Task<v1::ActionResult> SweepOnce(Job& job);
  Task<v1::ActionResult> CarryFaultOf(Job& job);
  FaultHands HandsOf(Job& job);
  UndoCommandOf UndoCommands() const;
  void OnJobEnded();
  void Remember(const v1::ActionResult& result);
  std::string SerializedLeases() const;
  void NoticeLeases();
  // The next sweep, at most `longest` from now.
  void ArmSweep(absl::Duration longest);

  Loop& loop_;
  ProcessRunner& processes_;
  const Clock& clock_;
  const Options options_;
  const std::function<void()> on_leases_changed_;
  ActionLog log_;
  LeaseStore leases_;
  LookLane looks_;
  MarkerSweeper markers_;
  std::optional<AdminSocket> haproxy_;
  sd_event_source* watch_ = nullptr;
  std::string reported_leases_;
  bool sweep_failed_ = false;
  absl::Duration sweep_due_;  // by the monotonic clock
  std::deque<std::unique_ptr<Job>> waiting_;
  std::unique_ptr<Job> current_;
  Task<bool> running_;  // of current_
  std::unique_ptr<Timer> ended_timer_;
  std::unique_ptr<Timer> sweep_timer_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_ACTOR_H_
