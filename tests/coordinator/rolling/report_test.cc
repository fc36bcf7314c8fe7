#include "coordinator/rolling/report.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

// The record, so many seconds after noon.
v1::JournalRecord At(int seconds, v1::JournalRecord record) {
  *record.mutable_at() = ToProto(Noon() + absl::Seconds(seconds));
  return record;
}

std::vector<v1::JournalRecord> WholeVisit() {
  return {
      At(0, Began()),
      At(0, Planned({"node-01", "node-02"})),
      At(1, Entered("node-01", v1::NODE_STEP_GATE)),
      At(10, Entered("node-01", v1::NODE_STEP_DRAIN)),
      At(13, Reached("node-01", v1::NODE_STEP_MAINT)),
      At(14, Entered("node-01", v1::NODE_STEP_ACT)),
      Issued(kAct, "node-02", "node-01", EvictAction("node-01", absl::Seconds(80)), false, Noon() + absl::Seconds(14)),
      At(15, EndedWith(kAct, v1::ActionResult::OUTCOME_DONE)),
      At(16, Reached("node-01", v1::NODE_STEP_LEAVE)),
      At(20, Entered("node-01", v1::NODE_STEP_RESTORE)),
      At(21, Reached("node-01", v1::NODE_STEP_UNIT_ACTIVE)),
      At(22, Reached("node-01", v1::NODE_STEP_CLUSTER_START)),
      At(23, Reached("node-01", v1::NODE_STEP_PORT_BOUND)),
      At(24, Reached("node-01", v1::NODE_STEP_HTTP_READY)),
      At(25, Reached("node-01", v1::NODE_STEP_CLUSTER_IDLE)),
      At(27, Reached("node-01", v1::NODE_STEP_LB_READY)),
      At(28, Entered("node-01", v1::NODE_STEP_CLUSTER_IDLE))};
}

TEST(NodeReport, MeasuresFromOneMilestoneToTheNext) {
  const Operation operation = OperationFrom(WholeVisit(), Noon());
  ClusterView view = HealthyView();
  view.traffic.windows["node-01/baseline"].set_requests(5);
  view.traffic.windows["node-01/visit"].set_requests(50);
  const v1::NodeReport report = BuildNodeReport(operation, *operation.Current(), view);
  EXPECT_EQ(FromProto(report.began_at()), Noon() + absl::Seconds(1));
  EXPECT_EQ(FromProto(report.drain()), absl::Seconds(3));
  EXPECT_EQ(FromProto(report.leave()), absl::Seconds(2));
  EXPECT_EQ(FromProto(report.return_unit()), absl::Seconds(1));
  EXPECT_EQ(FromProto(report.return_cluster()), absl::Seconds(2));
  EXPECT_EQ(FromProto(report.return_port()), absl::Seconds(3));
  EXPECT_EQ(FromProto(report.return_http()), absl::Seconds(4));
  EXPECT_EQ(FromProto(report.return_idle()), absl::Seconds(5));
  EXPECT_EQ(FromProto(report.return_lb()), absl::Seconds(7));
  EXPECT_EQ(report.baseline().requests(), 5u);
  EXPECT_EQ(report.traffic().requests(), 50u);
  EXPECT_FALSE(report.was_dc());
}

TEST(NodeReport, LeavesOutWhatWasNotSeen) {
  std::vector<v1::JournalRecord> records = WholeVisit();
  records.resize(5);
  const Operation operation = OperationFrom(records, Noon());
  const v1::NodeReport report = BuildNodeReport(operation, *operation.Current(), HealthyView());
  EXPECT_TRUE(report.has_drain());
  EXPECT_FALSE(report.has_leave());
  EXPECT_FALSE(report.has_return_http());
  EXPECT_FALSE(report.has_traffic());
}

TEST(NodeReport, KnowsTheDcByWhereItsActWent) {
  const Operation operation = OperationFrom(
      {Began(), Entered("node-02", v1::NODE_STEP_GATE),
       Issued("d-1/node-02/act/7.1", "node-02", "node-02", EvictAction("node-02", absl::Seconds(80)), false, Noon())},
      Noon());
  EXPECT_TRUE(BuildNodeReport(operation, *operation.Current(), HealthyView()).was_dc());
}

TEST(Report, TellsARunningOperation) {
  const v1::OperationReport report = Report(OperationFrom(WholeVisit(), Noon()), HealthyView());
  EXPECT_EQ(report.state(), v1::OPERATION_STATE_RUNNING);
  EXPECT_EQ(report.current_node(), "node-01");
  ASSERT_EQ(report.nodes_size(), 2);
  EXPECT_EQ(report.nodes(0).step(), v1::NODE_STEP_CLUSTER_IDLE);
  EXPECT_EQ(report.nodes(1).node(), "node-02");
  EXPECT_EQ(report.nodes(1).step(), v1::NODE_STEP_WAITING);
  EXPECT_EQ(report.reason(), "");
}

TEST(Report, TellsThatItRestores) {
  std::vector<v1::JournalRecord> records = WholeVisit();
  records.push_back(Stopped(v1::StopRequested::CAUSE_BUDGET));
  const v1::OperationReport report = Report(OperationFrom(records, Noon()), HealthyView());
  EXPECT_EQ(report.state(), v1::OPERATION_STATE_RESTORING);
  EXPECT_EQ(report.reason(), "a reason");
}

TEST(Outcome, FollowsFromTheStopAndFromWhatWasTouched) {
  EXPECT_EQ(Outcome(OperationFrom({Began()}, Noon())), v1::OPERATION_STATE_PASSED);
  EXPECT_EQ(Outcome(OperationFrom({Began(), Stopped(v1::StopRequested::CAUSE_GATE)}, Noon())),
            v1::OPERATION_STATE_REFUSED);
  EXPECT_EQ(Outcome(OperationFrom({Began(), Stopped(v1::StopRequested::CAUSE_OPERATOR)}, Noon())),
            v1::OPERATION_STATE_ABORTED);
  std::vector<v1::JournalRecord> touched = WholeVisit();
  touched.push_back(Stopped(v1::StopRequested::CAUSE_GATE));
  EXPECT_EQ(Outcome(OperationFrom(touched, Noon())), v1::OPERATION_STATE_FAILED);
}

TEST(Report, HoldsWhatTheAuditsFound) {
  v1::JournalRecord audited;
  audited.mutable_audit_ended()->set_node("node-01");
  audited.mutable_audit_ended()->add_findings()->set_id("one-dc");
  audited.mutable_audit_ended()->add_surprises()->set_resource("db");
  std::vector<v1::JournalRecord> records = {Began(), Entered("node-01", v1::NODE_STEP_AUDIT), audited};
  const Operation visiting = OperationFrom(records, Noon());
  const v1::NodeReport node = BuildNodeReport(visiting, visiting.visits[0], HealthyView());
  ASSERT_EQ(node.audit_size(), 1);
  EXPECT_EQ(node.audit(0).id(), "one-dc");
  ASSERT_EQ(node.surprises_size(), 1);
  EXPECT_EQ(node.surprises(0).resource(), "db");
  v1::JournalRecord ended;
  *ended.mutable_node_ended()->mutable_report() = node;
  v1::JournalRecord at_the_end;
  at_the_end.mutable_audit_ended()->add_findings()->set_id("leases");
  records.insert(records.end(), {ended, at_the_end});
  const v1::OperationReport report = Report(OperationFrom(records, Noon()), HealthyView());
  ASSERT_EQ(report.audit_size(), 1);
  EXPECT_EQ(report.audit(0).id(), "leases");
  EXPECT_EQ(report.nodes(0).audit_size(), 1);
}

TEST(Remarks, SayWhatTheNumbersDoNot) {
  v1::JournalRecord resumed;
  resumed.mutable_operation_resumed();
  std::vector<v1::JournalRecord> records = WholeVisit();
  records.push_back(At(30, resumed));
  ClusterView view = HealthyView();
  EXPECT_NE(absl::StrJoin(Remarks(OperationFrom(records, Noon()), view, {}), "\n").find("no traffic was sent"),
            std::string::npos);
  view.description.mutable_traffic()->set_url("http://lb-01/");
  v1::TrafficSummary traffic;
  traffic.set_sessions_lost(4);
  const std::string text = absl::StrJoin(Remarks(OperationFrom(records, Noon()), view, traffic), "\n");
  EXPECT_NE(text.find("4 lost"), std::string::npos) << text;
  EXPECT_NE(text.find("in its own memory"), std::string::npos) << text;
  EXPECT_NE(text.find("restarted during the operation (1 time)"), std::string::npos) << text;
}

}  // namespace
}  // namespace jettyfleet
