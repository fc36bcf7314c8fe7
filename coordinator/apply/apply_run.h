// One `apply`: brings a cluster from what it is to what its description says, a step at a time, each step journaled
// before it is sent and checked against the CIB afterwards.
#ifndef JETTYFLEET_COORDINATOR_APPLY_APPLY_RUN_H_
#define JETTYFLEET_COORDINATOR_APPLY_APPLY_RUN_H_

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/journal/journal.h"
#include "proto/fleet.pb.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// Core thread only. Driven by Step, which its owner calls on every change of the view and at least every 250 ms; it
// decides nothing anywhere else.
class ApplyRun {
 public:
  struct Seams {
    Journal* journal;
    // False: the host's agent is not connected.
    std::function<bool(const std::string& host, const v1::Action&)> send;
    std::function<void(const std::string& host, const v1::Observe&)> observe;
    std::function<void(const v1::ApplyProgress&)> progress;
  };

  // `id` is also the operation id of its lock and records.
  ApplyRun(std::string id, v1::ClusterDescription description, std::string who, std::string why, Seams seams);

  // Returns the end's status once it has ended: OK, FailedPrecondition (a gate or what exists refuses), Aborted (the
  // lock is another's), DeadlineExceeded or Internal (a step failed); nullopt while it goes on.
  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now);

  const std::string& id() const { return id_; }
  const std::string& who() const { return who_; }

 private:
  enum class Phase { kGate, kLock, kPlan, kReady, kUnlock };

  void Enter(Phase phase, absl::Time now);
  void Progress(v1::ApplyProgress::State state, const std::string& step, const std::string& detail, absl::Time now);
  // Journals and sends; an error when it could not be recorded or the agent is not there.
  absl::Status Issue(const std::string& host, v1::Action action, const std::string& what, absl::Time now);
  // What became of the action that is under way; nullopt while there is no answer.
  std::optional<v1::ActionResult> TakeResult(const ClusterView& view, absl::Time now);
  void AskDc(const std::string& dc, absl::Time now);

  void Gate(const ClusterView& view, absl::Time now);
  void Lock(const ClusterView& view, absl::Time now);
  void Plan(const ClusterView& view, absl::Time now);
  void Ready(const ClusterView& view, absl::Time now);
  void Unlock(const ClusterView& view, absl::Time now);
  // Ends with `status`, the lock given back first if we hold it.
  void End(absl::Status status, absl::Time now);

  const std::string id_;
  const v1::ClusterDescription description_;
  const std::string who_;
  const std::string why_;
  const Seams seams_;

  Phase phase_ = Phase::kGate;
  absl::Time phase_began_ = absl::InfinitePast();
  absl::Time asked_at_ = absl::InfinitePast();
  int action_count_ = 0;
  std::string action_id_;  // under way; empty: none
  std::string action_what_;
  std::string done_what_;  // the last step that was answered as done
  absl::Time action_deadline_ = absl::InfiniteFuture();
  bool lock_tried_ = false;
  int resource_ = 0;  // index into the description's resources
  int unknown_outcomes_ = 0;
  std::set<std::string> ready_;  // "RESOURCE on NODE" already reported as ready
  absl::Status verdict_;
  std::optional<absl::Status> ended_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_APPLY_APPLY_RUN_H_
