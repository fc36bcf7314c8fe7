#include "coordinator/rolling/operation.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

absl::Status DoesNotFollow(const v1::JournalRecord& record, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("journal record ", record.sequence(), " of operation ",
                                                 record.operation_id(), " does not follow: ", why));
}

NodeVisit* FindVisit(Operation* operation, const std::string& node) {
  for (NodeVisit& visit : operation->visits) {
    if (visit.node == node && !visit.ended) return &visit;
  }
  return nullptr;
}

absl::Status ApplyBegan(const v1::JournalRecord& record, Operation* operation) {
  if (!IsOperationId(record.operation_id())) {
    return DoesNotFollow(record, "its id is not lower-case letters, digits and dashes (at most 40)");
  }
  operation->id = record.operation_id();
  operation->cluster = record.cluster();
  operation->spec = record.operation_began().spec();
  operation->began_at = FromProto(record.at());
  return absl::OkStatus();
}

absl::Status ApplyStep(const v1::JournalRecord& record, Operation* operation) {
  const v1::StepEntered& entered = record.step_entered();
  const NodeVisit* current = operation->Current();
  if (current != nullptr && current->node != entered.node()) {
    return DoesNotFollow(record, absl::StrCat("node ", current->node, " is still being visited"));
  }
  if (current == nullptr) {
    operation->visits.emplace_back();
    operation->visits.back().node = entered.node();
  }
  NodeVisit& visit = operation->visits.back();
  visit.step = entered.step();
  visit.entered.emplace(entered.step(), FromProto(record.at()));
  return absl::OkStatus();
}

absl::Status ApplyMilestone(const v1::JournalRecord& record, Operation* operation) {
  const v1::MilestoneReached& reached = record.milestone_reached();
  NodeVisit* visit = FindVisit(operation, reached.node());
  if (visit == nullptr) return DoesNotFollow(record, absl::StrCat("node ", reached.node(), " is not being visited"));
  visit->reached.emplace(reached.step(), FromProto(record.at()));
  if (!reached.instance_went_to().empty()) visit->instance_went_to = reached.instance_went_to();
  return absl::OkStatus();
}

absl::Status ApplyIssued(const v1::JournalRecord& record, Operation* operation) {
  const v1::ActionIssued& issued = record.action_issued();
  if (operation->FindAction(issued.action().id()) != nullptr) {
    return DoesNotFollow(record, absl::StrCat("action ", issued.action().id(), " was issued before"));
  }
  IssuedAction action;
  action.host = issued.host();
  action.node = issued.node();
  action.purpose = PurposeOf(issued.action().id());
  action.action = issued.action();
  action.undo = issued.undo();
  action.issued_at = FromProto(record.at());
  operation->actions.push_back(std::move(action));
  return absl::OkStatus();
}

absl::Status ApplyEnded(const v1::JournalRecord& record, Operation* operation) {
  const std::string& id = record.action_ended().result().action_id();
  for (IssuedAction& action : operation->actions) {
    if (action.action.id() != id) continue;
    if (action.ended) return DoesNotFollow(record, absl::StrCat("action ", id, " has ended before"));
    action.ended = true;
    action.unanswered = record.action_ended().unanswered();
    action.ended_at = FromProto(record.at());
    action.result = record.action_ended().result();
    return absl::OkStatus();
  }
  return DoesNotFollow(record, absl::StrCat("action ", id, " was never issued"));
}

// The visit of that node, for what belongs to a visit; nullptr after `status` says why there is none.
NodeVisit* VisitOf(const v1::JournalRecord& record, const std::string& node, Operation* operation,
                   absl::Status* status) {
  NodeVisit* const visit = FindVisit(operation, node);
  if (visit == nullptr) *status = DoesNotFollow(record, absl::StrCat("node ", node, " is not being visited"));
  return visit;
}

absl::Status ApplyBaseline(const v1::JournalRecord& record, Operation* operation) {
  absl::Status status;
  NodeVisit* const visit = VisitOf(record, record.audit_baseline_taken().node(), operation, &status);
  if (visit != nullptr) visit->audit_baseline = record.audit_baseline_taken().baseline();
  return status;
}

absl::Status ApplyPredicted(const v1::JournalRecord& record, Operation* operation) {
  absl::Status status;
  NodeVisit* const visit = VisitOf(record, record.transition_predicted().node(), operation, &status);
  if (visit != nullptr) visit->predicted = record.transition_predicted().predicted();
  return status;
}

absl::Status ApplyAuditEnded(const v1::JournalRecord& record, Operation* operation) {
  const std::string& node = record.audit_ended().node();
  if (node.empty()) {
    if (operation->Current() != nullptr) return DoesNotFollow(record, "a node is still being visited");
    operation->audit = record.audit_ended();
    return absl::OkStatus();
  }
  absl::Status status;
  NodeVisit* const visit = VisitOf(record, node, operation, &status);
  if (visit != nullptr) visit->audit = record.audit_ended();
  return status;
}

absl::Status ApplyNodeEnded(const v1::JournalRecord& record, Operation* operation) {
  const v1::NodeReport& report = record.node_ended().report();
  NodeVisit* visit = FindVisit(operation, report.node());
  if (visit == nullptr) return DoesNotFollow(record, absl::StrCat("node ", report.node(), " is not being visited"));
  visit->ended = true;
  visit->ended_at = FromProto(record.at());
  visit->report = report;
  return absl::OkStatus();
}

}  // namespace

absl::Time NodeVisit::Entered(v1::NodeStep wanted) const {
  const auto found = entered.find(wanted);
  return found == entered.end() ? absl::InfinitePast() : found->second;
}

absl::Time NodeVisit::Reached(v1::NodeStep wanted) const {
  const auto found = reached.find(wanted);
  return found == reached.end() ? absl::InfinitePast() : found->second;
}

const NodeVisit* Operation::Current() const { return visits.empty() || visits.back().ended ? nullptr : &visits.back(); }

const IssuedAction* Operation::FindAction(const std::string& action_id) const {
  for (const IssuedAction& action : actions) {
    if (action.action.id() == action_id) return &action;
  }
  return nullptr;
}

std::vector<const IssuedAction*> Operation::Attempts(const std::string& purpose) const {
  std::vector<const IssuedAction*> attempts;
  for (const IssuedAction& action : actions) {
    if (action.purpose == purpose) attempts.push_back(&action);
  }
  return attempts;
}

bool Operation::Touched() const {
  return std::any_of(actions.begin(), actions.end(),
                     [](const IssuedAction& action) { return !action.node.empty() && !action.only_looks(); });
}

bool Operation::Touched(const std::string& node) const {
  return std::any_of(actions.begin(), actions.end(),
                     [&node](const IssuedAction& action) { return action.node == node && !action.only_looks(); });
}

bool Operation::AllVisited() const {
  if (!planned) return false;
  return std::all_of(nodes.begin(), nodes.end(), [this](const std::string& node) {
    return std::any_of(visits.begin(), visits.end(),
                       [&node](const NodeVisit& visit) { return visit.node == node && visit.ended; });
  });
}

absl::Status Apply(const v1::JournalRecord& record, Operation* operation) {
  const bool begins = record.kind_case() == v1::JournalRecord::kOperationBegan;
  if (begins != operation->id.empty()) {
    return DoesNotFollow(record, begins ? "the operation has begun before" : "the operation has not begun");
  }
  if (!begins && record.operation_id() != operation->id) return DoesNotFollow(record, "it is another operation's");
  if (operation->end.has_value()) return DoesNotFollow(record, "the operation has ended");

  switch (record.kind_case()) {
    case v1::JournalRecord::kOperationBegan:
      return ApplyBegan(record, operation);
    case v1::JournalRecord::kNodesPlanned:
      if (operation->planned) return DoesNotFollow(record, "the nodes were planned before");
      operation->planned = true;
      operation->nodes.assign(record.nodes_planned().nodes().begin(), record.nodes_planned().nodes().end());
      operation->instance_nodes.assign(record.nodes_planned().instance_nodes().begin(),
                                       record.nodes_planned().instance_nodes().end());
      return absl::OkStatus();
    case v1::JournalRecord::kStepEntered:
      return ApplyStep(record, operation);
    case v1::JournalRecord::kMilestoneReached:
      return ApplyMilestone(record, operation);
    case v1::JournalRecord::kActionIssued:
      return ApplyIssued(record, operation);
    case v1::JournalRecord::kActionEnded:
      return ApplyEnded(record, operation);
    case v1::JournalRecord::kStopRequested:
      if (operation->stop.has_value()) return DoesNotFollow(record, "it was stopped before");
      operation->stop = record.stop_requested();
      operation->stop_at = FromProto(record.at());
      return absl::OkStatus();
    case v1::JournalRecord::kAuditBaselineTaken:
      return ApplyBaseline(record, operation);
    case v1::JournalRecord::kTransitionPredicted:
      return ApplyPredicted(record, operation);
    case v1::JournalRecord::kAuditBegan:
      if (operation->Current() != nullptr) return DoesNotFollow(record, "a node is still being visited");
      operation->audit_began_at = FromProto(record.at());
      return absl::OkStatus();
    case v1::JournalRecord::kAuditEnded:
      return ApplyAuditEnded(record, operation);
    case v1::JournalRecord::kNodeEnded:
      return ApplyNodeEnded(record, operation);
    case v1::JournalRecord::kOperationResumed:
      ++operation->resumes;
      operation->resumed_at = FromProto(record.at());
      return absl::OkStatus();
    case v1::JournalRecord::kOperationPaused:
      if (!operation->paused_by.empty()) return DoesNotFollow(record, "it was paused before");
      if (record.operation_paused().by().empty()) return DoesNotFollow(record, "nobody paused it");
      operation->paused_by = record.operation_paused().by();
      return absl::OkStatus();
    case v1::JournalRecord::kOperationContinued:
      if (operation->paused_by.empty()) return DoesNotFollow(record, "it was not paused");
      operation->paused_by.clear();
      operation->continued_at = FromProto(record.at());
      return absl::OkStatus();
    case v1::JournalRecord::kOperationEnded:
      if (operation->Current() != nullptr) return DoesNotFollow(record, "a node is still being visited");
      operation->end = record.operation_ended();
      operation->ended_at = FromProto(record.at());
      return absl::OkStatus();
    case v1::JournalRecord::kCoordinatorStarted:
    case v1::JournalRecord::kDescriptionStored:
    case v1::JournalRecord::kHostEvent:
    case v1::JournalRecord::kApplyBegan:
    case v1::JournalRecord::kApplyStepEnded:
    case v1::JournalRecord::kApplyEnded:
    case v1::JournalRecord::kRouteBegan:
    case v1::JournalRecord::kRouteEnded:
    case v1::JournalRecord::KIND_NOT_SET:
      return DoesNotFollow(record, "it is not an operation's record");
  }
  return DoesNotFollow(record, "its kind is unknown");
}

std::string PurposeOf(const std::string& action_id) { return action_id.substr(0, action_id.rfind('/')); }

bool IsOperationId(const std::string& id) {
  return !id.empty() && id.size() <= 40 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

}  // namespace jettyfleet
