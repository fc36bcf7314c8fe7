#include "client/render/event_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/render/archive_view.h"
#include "client/render/fault_words.h"
#include "client/render/operation_words.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

Cell OutcomeCell(v1::ActionResult::Outcome outcome) {
  switch (outcome) {
    case v1::ActionResult::OUTCOME_DONE:
      return {"done", Tone::kGood};
    case v1::ActionResult::OUTCOME_REFUSED:
      return {"refused", Tone::kBad};
    case v1::ActionResult::OUTCOME_FAILED:
      return {"failed", Tone::kBad};
    case v1::ActionResult::OUTCOME_TIMED_OUT:
      return {"timed out", Tone::kBad};
    case v1::ActionResult::OUTCOME_UNIMPLEMENTED:
      return {"not known to the agent", Tone::kBad};
    default:
      return {"outcome unknown", Tone::kUnknown};
  }
}

absl::string_view CauseName(v1::StopRequested::Cause cause) {
  switch (cause) {
    case v1::StopRequested::CAUSE_OPERATOR:
      return "the operator asked for it";
    case v1::StopRequested::CAUSE_BUDGET:
      return "the budget is spent";
    case v1::StopRequested::CAUSE_GATE:
      return "a gate said no";
    case v1::StopRequested::CAUSE_DEADLINE:
      return "a deadline passed";
    case v1::StopRequested::CAUSE_ACTION_FAILED:
      return "an action failed";
    case v1::StopRequested::CAUSE_CLUSTER:
      return "the cluster is not well";
    default:
      return "for an unknown cause";
  }
}

std::string AdminStateName(v1::LbServerFact::AdminState state) {
  if (state == v1::LbServerFact::ADMIN_STATE_READY) return "ready";
  if (state == v1::LbServerFact::ADMIN_STATE_DRAIN) return "drain";
  if (state == v1::LbServerFact::ADMIN_STATE_MAINT) return "maint";
  return "unknown";
}

std::string WeightWords(const v1::SetLbWeight& set) {
  const std::string server = absl::StrCat(set.backend(), "/", set.server());
  if (set.mode() == v1::SetLbWeight::MODE_LEASED) return absl::StrCat("give ", server, " weight ", set.weight());
  if (set.mode() == v1::SetLbWeight::MODE_CONFIGURED) return absl::StrCat("give ", server, " its configured weight");
  return absl::StrCat("give ", server, " back the weight that it had");
}

// As `jettyfleet archive list` shows digests.
std::string Short(const std::string& sha256) { return sha256.substr(0, kDigestShown); }

std::string ActionWords(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kAcquireLock:
      return "take the cluster's lock";
    case v1::Action::kRenewLock:
      return "renew the cluster's lock";
    case v1::Action::kReleaseLock:
      return "release the cluster's lock";
    case v1::Action::kEvictNode:
      return absl::StrCat("evict ", action.evict_node().clone(), " from ", action.evict_node().node());
    case v1::Action::kStandbyNode:
      return absl::StrCat("put ", action.standby_node().node(), " in standby");
    case v1::Action::kRemoveCibLease:
      return absl::StrCat("remove ", action.remove_cib_lease().lease_id());
    case v1::Action::kSetLbServer:
      return absl::StrCat("set ", action.set_lb_server().backend(), "/", action.set_lb_server().server(), " to ",
                          AdminStateName(action.set_lb_server().state()));
    case v1::Action::kCreateResource:
      return absl::StrCat("create resource ", action.create_resource().name());
    case v1::Action::kCloneResource:
      return absl::StrCat("clone resource ", action.clone_resource().name());
    case v1::Action::kSetOperation:
      return absl::StrCat("change operation ", action.set_operation().operation(), " of ",
                          action.set_operation().resource());
    case v1::Action::kSetMeta:
      return absl::StrCat("change meta attributes of ", action.set_meta().target());
    case v1::Action::kAvoidNode:
      return absl::StrCat("keep ", action.avoid_node().resource(), " off ", action.avoid_node().node());
    case v1::Action::kRemoveLocation:
      return absl::StrCat("remove constraint ", action.remove_location().id());
    case v1::Action::kFailInstance:
      return absl::StrCat("tell Pacemaker that ", action.fail_instance().resource(), " has failed on ",
                          action.fail_instance().node());
    case v1::Action::kCleanupResource:
      return absl::StrCat("forget failures of ", action.cleanup_resource().resource(),
                          action.cleanup_resource().node().empty() ? "" : " on ", action.cleanup_resource().node());
    case v1::Action::kDisableUnit:
      return absl::StrCat("disable ", action.disable_unit().unit(), " at boot");
    case v1::Action::kPredictActions:
      return "predict what Pacemaker would do";
    case v1::Action::kInspect:
      return "look closely";
    case v1::Action::kLookForMarkers:
      return "look for markers";
    case v1::Action::kRemoveMarkers:
      return absl::StrCat("remove the marker ", action.remove_markers().marker());
    case v1::Action::kSetLbWeight:
      return WeightWords(action.set_lb_weight());
    case v1::Action::kSetLbAddress:
      return absl::StrCat("reach ", action.set_lb_address().backend(), "/", action.set_lb_address().server(), " at ",
                          action.set_lb_address().address(), " port ", action.set_lb_address().port());
    case v1::Action::kStopUnit:
    case v1::Action::kKillUnit:
    case v1::Action::kFreezeUnit:
    case v1::Action::kBlackholePort:
    case v1::Action::kPartitionNode:
    case v1::Action::kKillDaemon:
    case v1::Action::kFenceNode:
    case v1::Action::kUndoFault:
    case v1::Action::kLookAtFaultMeans:
      return FaultWords(action);
    case v1::Action::kStageArchive:
      return absl::StrCat("stage ", Short(action.stage_archive().sha256()), " for ", action.stage_archive().target());
    case v1::Action::kDropStaged:
      return absl::StrCat("drop ", Short(action.drop_staged().sha256()), " staged for ", action.drop_staged().target());
    case v1::Action::kSwitchArchive:
      return absl::StrCat("switch ", action.switch_archive().target(), " to ", Short(action.switch_archive().sha256()));
    case v1::Action::KIND_NOT_SET:
      break;
  }
  return "an action that this version does not know";
}

std::string OrReason(const std::string& text) { return text.empty() ? "" : absl::StrCat(": ", text); }

Cell Ended(const v1::ActionEnded& ended) {
  if (ended.unanswered()) return {absl::StrCat(ended.result().action_id(), " unanswered"), Tone::kUnknown};
  const Cell outcome = OutcomeCell(ended.result().outcome());
  return {absl::StrCat(ended.result().action_id(), " ", outcome.text, OrReason(ended.result().message())),
          outcome.tone};
}

Cell Words(const v1::JournalRecord& event) {
  switch (event.kind_case()) {
    case v1::JournalRecord::kCoordinatorStarted:
      return {absl::StrCat("coordinator ", event.coordinator_started().uuid(), " started, epoch ",
                           event.coordinator_started().epoch())};
    case v1::JournalRecord::kDescriptionStored:
      return {"description applied"};
    case v1::JournalRecord::kOperationBegan:
      return {absl::StrCat("drill began: ", WhatText(event.operation_began().spec()))};
    case v1::JournalRecord::kNodesPlanned:
      return {absl::StrCat("will visit ", absl::StrJoin(event.nodes_planned().nodes(), ", "))};
    case v1::JournalRecord::kStepEntered:
      return {absl::StrCat(event.step_entered().node(), ": ", StepName(event.step_entered().step()),
                           OrReason(event.step_entered().remark()))};
    case v1::JournalRecord::kMilestoneReached:
      return {absl::StrCat(event.milestone_reached().node(), ": reached ", StepName(event.milestone_reached().step()))};
    case v1::JournalRecord::kOperationResumed:
      return {absl::StrCat("taken up again by coordinator ", event.operation_resumed().coordinator(), ", epoch ",
                           event.operation_resumed().epoch()),
              Tone::kUnknown};
    case v1::JournalRecord::kApplyBegan:
      return {absl::StrCat("apply began", event.apply_began().allow_disruption() ? ", disruption allowed" : "")};
    case v1::JournalRecord::kApplyStepEnded:
      return {absl::StrCat(event.apply_step_ended().step(), event.apply_step_ended().failed() ? ": failed" : ": done",
                           OrReason(event.apply_step_ended().detail())),
              event.apply_step_ended().failed() ? Tone::kBad : Tone::kGood};
    case v1::JournalRecord::kApplyEnded:
      return {absl::StrCat("apply ended", event.apply_ended().succeeded() ? "" : " without success",
                           OrReason(event.apply_ended().reason())),
              event.apply_ended().succeeded() ? Tone::kGood : Tone::kBad};
    case v1::JournalRecord::kRouteBegan:
      return {absl::StrCat("route ", event.route_began().what(), " began",
                           event.route_began().nodes().empty() ? "" : ": ",
                           absl::StrJoin(event.route_began().nodes(), ", "))};
    case v1::JournalRecord::kRouteEnded:
      return {absl::StrCat("route change ended", event.route_ended().succeeded() ? "" : " without success",
                           OrReason(event.route_ended().reason())),
              event.route_ended().succeeded() ? Tone::kGood : Tone::kBad};
    case v1::JournalRecord::kActionIssued:
      return {absl::StrCat(event.action_issued().undo() ? "undo, " : "", event.action_issued().host(), " is told to ",
                           ActionWords(event.action_issued().action()), " (", event.action_issued().action().id(),
                           ")")};
    case v1::JournalRecord::kActionEnded:
      return Ended(event.action_ended());
    case v1::JournalRecord::kStopRequested:
      return {
          absl::StrCat("stops, ", CauseName(event.stop_requested().cause()), OrReason(event.stop_requested().reason())),
          Tone::kBad};
    case v1::JournalRecord::kNodeEnded:
      return {absl::StrCat(event.node_ended().report().node(), ": visit over",
                           OrReason(event.node_ended().report().problem()))};
    case v1::JournalRecord::kOperationEnded: {
      const Cell state = StateCell(event.operation_ended().state());
      return {absl::StrCat("drill ended: ", state.text, OrReason(event.operation_ended().reason())), state.tone};
    }
    case v1::JournalRecord::kHostEvent:
      return {absl::StrCat(event.host_event().host(), ": ", event.host_event().text())};
    case v1::JournalRecord::KIND_NOT_SET:
      break;
  }
  return {"an event of a kind that this version does not know", Tone::kUnknown};
}

}  // namespace

std::string RenderEvent(const v1::JournalRecord& event, bool colour) {
  std::vector<std::string> parts = {absl::StrCat(event.sequence()), DateTimeText(event.at())};
  for (const std::string& part : {event.cluster(), event.operation_id()}) {
    parts.push_back(part.empty() ? "-" : Harmless(part));
  }
  const Cell words = Words(event);
  parts.push_back(Paint(Harmless(words.text), words.tone, colour));
  if (!event.who().empty()) {
    parts.push_back(absl::StrCat("[", Harmless(event.who()), Harmless(OrReason(event.why())), "]"));
  }
  return absl::StrCat(absl::StrJoin(parts, "  "), "\n");
}

}  // namespace jettyfleet
