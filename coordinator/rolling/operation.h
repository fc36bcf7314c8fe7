// One operation as its journal records tell it. Apply is the only mutator, live and on replay alike, so an operation is
// the same after a restart as it was before. Plain values; no clock, no I/O.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_OPERATION_H_
#define JETTYFLEET_COORDINATOR_ROLLING_OPERATION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "proto/journal.pb.h"

namespace jettyfleet {

struct IssuedAction {
  std::string host;  // whose agent was told
  std::string node;  // the node being visited; empty for the lock
  // The action's id without its attempt: what it is for.
  std::string purpose;
  v1::Action action;
  bool undo = false;
  absl::Time issued_at;

  bool ended = false;
  // No answer came: the outcome is unknown until observed.
  bool unanswered = false;
  absl::Time ended_at = absl::InfiniteFuture();
  v1::ActionResult result;

  bool only_looks() const { return action.has_look_at_fault_means() || action.has_stage_archive(); }
  bool Answered(v1::ActionResult::Outcome outcome) const { return ended && !unanswered && result.outcome() == outcome; }
};

struct NodeVisit {
  std::string node;
  v1::NodeStep step = v1::NODE_STEP_WAITING;
  // When each step was first entered, and each milestone seen.
  std::map<v1::NodeStep, absl::Time> entered;
  std::map<v1::NodeStep, absl::Time> reached;
  std::string instance_went_to;
  bool ended = false;
  absl::Time ended_at = absl::InfiniteFuture();
  v1::NodeReport report;  // only once ended

  // InfinitePast when it was not.
  absl::Time Entered(v1::NodeStep wanted) const;
  absl::Time Reached(v1::NodeStep wanted) const;
  bool HasReached(v1::NodeStep wanted) const { return reached.count(wanted) > 0; }
};

struct Operation {
  std::string id;
  std::string cluster;
  v1::DrillSpec spec;
  absl::Time began_at = absl::InfinitePast();

  bool planned = false;
  std::vector<std::string> nodes;           // to visit
  std::vector<std::string> instance_nodes;  // where instances ran when it was planned

  std::vector<NodeVisit> visits;      // in the order in which they began
  std::vector<IssuedAction> actions;  // in the order in which they were issued

  std::optional<v1::StopRequested> stop;
  absl::Time stop_at = absl::InfinitePast();

  int resumes = 0;
  absl::Time resumed_at = absl::InfinitePast();

  std::optional<v1::OperationEnded> end;
  absl::Time ended_at = absl::InfinitePast();

  // The visit that is under way; nullptr between nodes.
  const NodeVisit* Current() const;
  const IssuedAction* FindAction(const std::string& action_id) const;
  // All attempts at one purpose, oldest first.
  std::vector<const IssuedAction*> Attempts(const std::string& purpose) const;
  // Anything but the lock, a look, and archives lying ready, has been asked for.
  bool Touched() const;
  bool Touched(const std::string& node) const;
  // Every planned node's visit has ended.
  bool AllVisited() const;
};

// Folds one record into `operation`; OperationBegan must be the first. InvalidArgument: the record does not follow from
// those before it (another operation's, an unknown action's answer, after the end); `operation` is then unchanged.
absl::Status Apply(const v1::JournalRecord& record, Operation* operation);

// What the action "OPERATION/NODE/STEP/EPOCH.ATTEMPT" is for: its id without the last part.
std::string PurposeOf(const std::string& action_id);

// True for ids that can be part of a lease's name: lower-case letters, digits, dashes; at most 40 characters.
bool IsOperationId(const std::string& id);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_OPERATION_H_
