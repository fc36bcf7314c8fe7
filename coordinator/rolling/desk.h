// The desk at which one decision is written: what is known (operation, view, now) and the decision so far. It gives
// every record its time and names, and every action its id, its durable record and its deadlines.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_DESK_H_
#define JETTYFLEET_COORDINATOR_ROLLING_DESK_H_

#include <string>

#include "absl/time/time.h"
#include "coordinator/fleet/view.h"
#include "coordinator/rolling/decision.h"
#include "coordinator/rolling/operation.h"

namespace jettyfleet {

// Lives for one call of Decide and borrows everything.
class Desk {
 public:
  Desk(const Operation& operation, const ClusterView& view, absl::Time now) : op(operation), view(view), now(now) {}

  const Operation& op;
  const ClusterView& view;
  const absl::Time now;

  void PlanNodes(const std::vector<std::string>& nodes, const std::vector<std::string>& instance_nodes);
  void Enter(const std::string& node, v1::NodeStep step, const std::string& why = "");
  void Reach(const std::string& node, v1::NodeStep step, const std::string& instance_went_to = "");
  void EndNode(const v1::NodeReport& report);
  void EndAction(const IssuedAction& action, const v1::ActionResult& result, bool unanswered);
  void TakeBaseline(const std::string& node, const v1::AuditBaseline& baseline);
  void Predict(const std::string& node, const v1::PredictedTransition& predicted);
  void BeginAudit();
  void EndAudit(const v1::AuditEnded& audit);
  void Stop(v1::StopRequested::Cause cause, const std::string& reason);
  void Pause(const std::string& by);
  void Continue(const std::string& by);
  void EndOperation(const v1::OperationEnded& end);

  // Records and sends the next attempt at `purpose` (a path under the operation's id). An act gets a deadline for its
  // beginning; an undo is never too late.
  void Act(const std::string& host, const std::string& node, const std::string& purpose, const v1::Action& kind,
           absl::Duration timeout);
  void Undo(const std::string& host, const std::string& node, const std::string& purpose, const v1::Action& kind,
            absl::Duration timeout);

  enum class Fact { kCluster, kCib, kUnits, kHttp, kLbServers };
  // Asks `host` for a fact that is older than `age`, and wakes up when it will be. A fact older than `since` is asked
  // for at once.
  void Ask(const HostView& host, Fact fact, absl::Duration age, absl::Time since = absl::InfinitePast());
  // The same of every node that is connected: who is DC and who is there, when it may have changed.
  void AskAllNodes(Fact fact, absl::Duration age, absl::Time since = absl::InfinitePast());
  void Traffic(TrafficCommand::Kind kind, const std::string& window = "");
  // Has no effect for a time that has come.
  void WakeAt(absl::Time time);

  // Something was recorded: it has to be applied before more can be decided.
  bool wrote() const { return !decision_.records.empty(); }
  Decision Take() { return std::move(decision_); }

 private:
  v1::JournalRecord& Record(const std::string& why);
  void Issue(const std::string& host, const std::string& node, const std::string& purpose, v1::Action action,
             absl::Duration timeout, bool undo);

  Decision decision_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_DESK_H_
