#include "tests/simulation/transcript.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::string Duration(const google::protobuf::Duration& duration) { return absl::FormatDuration(FromProto(duration)); }

std::string DescribeAction(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kAcquireLock:
      return absl::StrCat("acquire lock for ", Duration(action.acquire_lock().duration()));
    case v1::Action::kRenewLock:
      return absl::StrCat("renew lock for ", Duration(action.renew_lock().duration()));
    case v1::Action::kReleaseLock:
      return "release lock";
    case v1::Action::kEvictNode:
      return absl::StrCat("evict ", action.evict_node().node(), " from ", action.evict_node().clone(), " for ",
                          Duration(action.evict_node().duration()), " as ", action.evict_node().lease_id());
    case v1::Action::kStandbyNode:
      return absl::StrCat("standby ", action.standby_node().node(), " for ", Duration(action.standby_node().duration()),
                          " as ", action.standby_node().lease_id());
    case v1::Action::kRemoveCibLease:
      return absl::StrCat("remove ", action.remove_cib_lease().lease_id());
    case v1::Action::kSetLbServer: {
      const v1::SetLbServer& set = action.set_lb_server();
      return absl::StrCat("server ", set.backend(), "/", set.server(), " ",
                          v1::LbServerFact::AdminState_Name(set.state()).substr(12), " ", set.lease_id(),
                          set.has_duration() ? absl::StrCat(" for ", Duration(set.duration())) : "");
    }
    case v1::Action::kLookAtLeftovers:
      return "look what is left";
    case v1::Action::kPredictTransition:
      return "predict";
    case v1::Action::kFreezeUnit:
      return absl::StrCat("freeze for ", Duration(action.freeze_unit().duration()), " as ",
                          action.freeze_unit().lease_id());
    case v1::Action::kBlackholePort:
      return absl::StrCat("drop packets to port ", action.blackhole_port().port(), " for ",
                          Duration(action.blackhole_port().duration()), " as ", action.blackhole_port().lease_id());
    case v1::Action::kPartitionNode:
      return absl::StrCat("cut off from ", absl::StrJoin(action.partition_node().peers(), " "), " for ",
                          Duration(action.partition_node().duration()), " as ", action.partition_node().lease_id());
    case v1::Action::kUndoFault:
      return absl::StrCat("undo ", action.undo_fault().lease_id());
    case v1::Action::kKillDaemon:
      return absl::StrCat("kill ", v1::KillDaemon::Daemon_Name(action.kill_daemon().daemon()).substr(7));
    case v1::Action::kFenceNode:
      return absl::StrCat("fence ", action.fence_node().node());
    case v1::Action::kCleanupResource:
      return absl::StrCat("clean up ", action.cleanup_resource().resource(), " on ", action.cleanup_resource().node());
    case v1::Action::kStopUnit:
      return "stop the unit";
    case v1::Action::kKillUnit:
      return "kill the unit";
    case v1::Action::kLookAtFaultMeans:
      return "look at the means of faults";
    default:  // no operation sends anything else
      break;
  }
  return "?";
}

std::string DescribeNodeReport(const v1::NodeReport& report) {
  std::string text = absl::StrCat("node ended ", report.node(), report.was_dc() ? " (DC)" : "");
  const auto add = [&text](const char* name, bool has, const google::protobuf::Duration& duration) {
    if (has) absl::StrAppend(&text, " ", name, "=", Duration(duration));
  };
  add("drain", report.has_drain(), report.drain());
  add("leave", report.has_leave(), report.leave());
  add("cluster", report.has_return_cluster(), report.return_cluster());
  add("unit", report.has_return_unit(), report.return_unit());
  add("port", report.has_return_port(), report.return_port());
  add("http", report.has_return_http(), report.return_http());
  add("lb", report.has_return_lb(), report.return_lb());
  add("idle", report.has_return_idle(), report.return_idle());
  absl::StrAppend(&text, " requests=", report.traffic().requests(), " failures=", report.traffic().failures());
  if (!report.instance_went_to().empty()) absl::StrAppend(&text, " went to ", report.instance_went_to());
  if (!report.problem().empty()) absl::StrAppend(&text, " problem: ", report.problem());
  return text;
}

std::string DescribeEnd(const v1::OperationEnded& end) {
  std::string text = absl::StrCat("OPERATION ", v1::OperationState_Name(end.state()).substr(16),
                                  end.reason().empty() ? "" : ": ", end.reason());
  for (const std::string& remark : end.remarks()) absl::StrAppend(&text, "\n         ", remark);
  return text;
}

std::string DescribeAudit(const v1::AuditEnded& audit) {
  std::string text = absl::StrCat("audit of ", audit.node().empty() ? "the operation" : audit.node(), ":");
  int passed = 0;
  for (const v1::AuditFinding& finding : audit.findings()) {
    if (finding.verdict() == v1::AuditFinding::VERDICT_PASSED) ++passed;
  }
  absl::StrAppend(&text, " ", passed, " passed");
  for (const v1::AuditFinding& finding : audit.findings()) {
    if (finding.text().empty()) continue;
    absl::StrAppend(&text, "\n         ", v1::AuditFinding::Verdict_Name(finding.verdict()).substr(8), " ",
                    finding.id(), " ", finding.node(), ": ", finding.text());
  }
  return text;
}

std::string DescribeRecord(const v1::JournalRecord& record) {
  switch (record.kind_case()) {
    case v1::JournalRecord::kOperationBegan:
      return absl::StrCat("began by ", record.who(), ": ", record.why());
    case v1::JournalRecord::kNodesPlanned:
      return absl::StrCat("planned ", absl::StrJoin(record.nodes_planned().nodes(), " "));
    case v1::JournalRecord::kStepEntered:
      return absl::StrCat(record.step_entered().node(), " enters ",
                          v1::NodeStep_Name(record.step_entered().step()).substr(10),
                          record.step_entered().remark().empty() ? "" : ": ", record.step_entered().remark());
    case v1::JournalRecord::kMilestoneReached:
      return absl::StrCat(record.milestone_reached().node(), " reached ",
                          v1::NodeStep_Name(record.milestone_reached().step()).substr(10),
                          record.milestone_reached().instance_went_to().empty() ? "" : " on ",
                          record.milestone_reached().instance_went_to());
    case v1::JournalRecord::kActionIssued:
      return absl::StrCat("issues ", record.action_issued().action().id());
    case v1::JournalRecord::kActionEnded:
      return absl::StrCat("ended ", record.action_ended().result().action_id(), " ",
                          record.action_ended().unanswered()
                              ? "without an answer"
                              : v1::ActionResult::Outcome_Name(record.action_ended().result().outcome()).substr(8),
                          record.action_ended().result().message().empty() ? "" : ": ",
                          record.action_ended().result().message());
    case v1::JournalRecord::kStopRequested:
      return absl::StrCat("stops: ", record.stop_requested().reason());
    case v1::JournalRecord::kAuditBaselineTaken:
      return absl::StrCat("baseline of ", record.audit_baseline_taken().node());
    case v1::JournalRecord::kTransitionPredicted:
      return absl::StrCat("prediction for ", record.transition_predicted().node(), ": ",
                          record.transition_predicted().predicted().error());
    case v1::JournalRecord::kAuditBegan:
      return "audit begins";
    case v1::JournalRecord::kAuditEnded:
      return DescribeAudit(record.audit_ended());
    case v1::JournalRecord::kNodeEnded:
      return DescribeNodeReport(record.node_ended().report());
    case v1::JournalRecord::kOperationResumed:
      return absl::StrCat("resumed in epoch ", record.operation_resumed().epoch());
    case v1::JournalRecord::kOperationEnded:
      return DescribeEnd(record.operation_ended());
    default:  // no operation's record
      break;
  }
  return "?";
}

std::string DescribeEvent(const HistoryEvent& event) {
  switch (event.kind) {
    case HistoryEvent::kDurable:
      return absl::StrCat("journal  ", DescribeRecord(event.record));
    case HistoryEvent::kJournalFull:
      return "journal  IS FULL";
    case HistoryEvent::kSent:
      return absl::StrCat("sent     ", event.host, ": ", DescribeAction(event.action), event.undo ? " (undo)" : "");
    case HistoryEvent::kBegun:
      return absl::StrCat("agent    ", event.host, " begins ", event.action.id());
    case HistoryEvent::kInForce:
      return absl::StrCat("fault    ", event.text, " is in force on ", event.host);
    case HistoryEvent::kLifted:
      return absl::StrCat("fault    ", event.text, " is over on ", event.host);
    case HistoryEvent::kEnded:
      return "ended    without a record";
    case HistoryEvent::kDown:
      return absl::StrCat("cluster  holds out: ", event.nodes.empty() ? "nobody" : absl::StrJoin(event.nodes, " "));
    case HistoryEvent::kWhole:
      return absl::StrCat("clients  served by: ", absl::StrJoin(event.nodes, " "));
    case HistoryEvent::kReplayed:
      return absl::StrCat("replay   ", event.text.empty() ? "equals" : event.text);
    case HistoryEvent::kCrashed:
      return "FAULT    the coordinator dies";
    case HistoryEvent::kRestarted:
      return "FAULT    the coordinator is started";
    case HistoryEvent::kLeft:
      return absl::StrCat("LEFT     ", event.text);
    case HistoryEvent::kNotAtRest:
      return absl::StrCat("ERROR    ", event.text);
    case HistoryEvent::kFault:
      return absl::StrCat("FAULT    ", event.text);
  }
  return "";
}

}  // namespace

std::string Transcript(const History& history, absl::Time start) {
  std::string text;
  for (const HistoryEvent& event : history.events()) {
    absl::StrAppendFormat(&text, "%8.3f %s\n", absl::ToDoubleSeconds(event.at - start), DescribeEvent(event));
  }
  return text;
}

}  // namespace jettyfleet
