// One `apply`: brings a cluster from what it is to what its description says, a step at a time. Each step is planned
// from what has just been observed, predicted by Pacemaker, journaled before it is sent, and held against its
// prediction.
#ifndef JETTYFLEET_COORDINATOR_APPLY_APPLY_RUN_H_
#define JETTYFLEET_COORDINATOR_APPLY_APPLY_RUN_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/apply/action_flight.h"
#include "coordinator/apply/node_drain.h"
#include "coordinator/fleet/view.h"
#include "coordinator/journal/journal.h"
#include "coordinator/plan/plan.h"
#include "coordinator/plan/prediction.h"
#include "proto/fleet.pb.h"
#include "proto/session.pb.h"

namespace jettyfleet {

// What an apply is to do. A coordinator that takes one up again after another's death gives the same order: nothing
// else has to be known, because each step follows from what is observed.
struct ApplyOrder {
  std::string id;  // also the operation id of its lock, actions and records
  v1::ClusterDescription description;
  std::string who;
  std::string why;
  bool allow_disruption = false;
};

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

  ApplyRun(ApplyOrder order, Seams seams);

  // Returns the end's status once it has ended: OK, FailedPrecondition (a gate or what exists refuses, or a step would
  // stop an instance), Aborted (the lock is another's), DeadlineExceeded or Internal (a step failed, or what happened
  // is not what Pacemaker predicted); nullopt while it goes on.
  std::optional<absl::Status> Step(const ClusterView& view, absl::Time now);

  const std::string& id() const { return order_.id; }
  const std::string& who() const { return order_.who; }

 private:
  enum class Phase { kGate, kLock, kPlan, kPredict, kDrain, kAct, kSettle, kGiveBack, kReady, kUnlock };

  void Enter(Phase phase, absl::Time now);
  void Progress(v1::ApplyProgress::State state, const std::string& step, const std::string& detail, absl::Time now);
  void AskDc(const std::string& dc, absl::Time now);
  void AskAll(const ClusterView& view, absl::Time now);

  void Gate(const ClusterView& view, absl::Time now);
  void Lock(const ClusterView& view, absl::Time now);
  void MakeNextStep(const ClusterView& view, absl::Time now);
  void NothingLeft(const Plan& plan, absl::Time now);
  // Asks for the last of `steps`, which follow each other, unless it is predicted or anything is being asked for.
  absl::Status AskForPredictions(const ClusterView& view, const std::vector<PlanStep>& steps, const std::string& dc,
                                 absl::Time now);
  bool IsPredicted(const PlanStep& step, const ClusterView& view) const;
  void TakePredictions(const ClusterView& view, absl::Time now);
  // What was predicted, or is being, no longer counts.
  void ForgetPredictions();
  void Begin(const ClusterView& view, PlanStep step, absl::Time now);
  // The step that is under way is sent; to the DC of this moment, unless it has a host of its own.
  void IssueStep(const ClusterView& view, absl::Time now);
  void Drain(const ClusterView& view, absl::Time now);
  void GiveBack(const ClusterView& view, absl::Time now);
  void Act(const ClusterView& view, absl::Time now);
  void Settle(const ClusterView& view, absl::Time now);
  void StepEnded(const std::string& problem, absl::Time now);
  void Ready(const ClusterView& view, absl::Time now);
  void Unlock(const ClusterView& view, absl::Time now);
  // The outcome of an action is not known: from the gate on, unless that has happened too often.
  void StartOver(const std::string& why, absl::Time now);
  // Ends with `status`, the lock given back first if we hold it.
  void End(absl::Status status, absl::Time now);

  const ApplyOrder order_;
  const Seams seams_;
  ActionFlight flight_;
  // Predictions are made beside the acts: the first step's while the lock is taken, each other's while the one before it
  // is carried out.
  ActionFlight look_flight_;

  Phase phase_ = Phase::kGate;
  absl::Time phase_began_ = absl::InfinitePast();
  absl::Time asked_at_ = absl::InfinitePast();
  absl::Time locked_at_ = absl::InfinitePast();  // InfinitePast: we do not hold the lock
  bool lock_tried_ = false;
  int unknown_outcomes_ = 0;

  PlanStep step_;                                      // under way
  v1::Prediction step_prediction_;                     // what it is held against
  std::optional<PlanStep> following_;                  // by the plan that it stood in
  std::optional<NodeDrain> drain_;                     // of the node that it stops an instance on
  bool ending_ = false;                                // `verdict_` stands, and what was drained is given back first
  Instances before_;                                   // when it began
  absl::Time surprised_at_ = absl::InfiniteFuture();   // what came of it is not what was predicted, since then
  std::set<std::string> done_;                         // steps that were answered as done
  std::map<std::string, v1::Prediction> predictions_;  // by step
  std::set<std::string> predicted_for_;                // the members then
  std::vector<std::string> asked_steps_;               // of the predictions under way
  std::set<std::string> asked_for_;                    // the members when they were asked for
  std::set<std::string> said_;                         // what Gate and Ready have already reported
  absl::Status verdict_;
  std::optional<absl::Status> ended_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_APPLY_APPLY_RUN_H_
