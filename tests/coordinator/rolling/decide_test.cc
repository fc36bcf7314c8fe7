// What holds for decisions whatever the step.
#include "coordinator/rolling/decide.h"

#include "common/proto_time.h"
#include "tests/coordinator/rolling/decide_case.h"

namespace jettyfleet {
namespace {

TEST(Decide, HoldsTheNodeForLessThanItsServers) {
  ClusterView view = HealthyView(Noon() + kNow);
  Put(&view, v1::LbServerFact::ADMIN_STATE_MAINT, 0);
  const Operation operation = OperationFrom(Visiting(v1::NODE_STEP_ACT), Noon());
  const Decision decision = Decide(operation, view, Noon() + kNow);
  ASSERT_EQ(decision.actions.size(), 1u);
  const v1::EvictNode& evict = decision.actions[0].action.evict_node();
  EXPECT_EQ(evict.node(), "node-01");
  EXPECT_EQ(evict.clone(), "web-clone");
  EXPECT_EQ(evict.lease_id(), "jettyfleet-d-1-node-01");
  // The server's lease of 120 s was armed at 10 s; a quarter of it is kept for the node to come back in.
  EXPECT_EQ(FromProto(evict.duration()), absl::Seconds(130 - 20 - 30));
}

TEST(Decide, RefusesAHoldThatIsTooShort) {
  ClusterView view = HealthyView(Noon() + absl::Seconds(59));
  Put(&view, v1::LbServerFact::ADMIN_STATE_MAINT, 0);
  std::vector<v1::JournalRecord> records = Visiting(v1::NODE_STEP_ACT);
  *records[0].mutable_operation_began()->mutable_spec()->mutable_lease() = ToProto(absl::Seconds(40));
  for (v1::JournalRecord& record : records) {
    if (!record.action_issued().action().has_set_lb_server()) continue;
    *record.mutable_action_issued()->mutable_action()->mutable_set_lb_server()->mutable_duration() =
        ToProto(absl::Seconds(70));
  }
  const Operation operation = OperationFrom(records, Noon());
  EXPECT_EQ(Show(Decide(operation, view, Noon() + absl::Seconds(59))),
            "stop DEADLINE: only 11s of the lease are left after draining node-01; use a longer lease\n");
}

TEST(Decide, AnEndedOperationDecidesNothing) {
  v1::JournalRecord ended;
  ended.mutable_operation_ended();
  const Decision decision = Decide(OperationFrom({Began(), ended}, Noon()), HealthyView(), Noon());
  EXPECT_EQ(Show(decision), "");
  EXPECT_FALSE(decision.wake_at.has_value());
  EXPECT_TRUE(decision.observe.empty());
}

TEST(Decide, AfterARestartNothingIsIssuedBeforeHostsAreObserved) {
  for (const v1::NodeStep step : {v1::NODE_STEP_DRAIN, v1::NODE_STEP_MAINT, v1::NODE_STEP_ACT, v1::NODE_STEP_LEAVE}) {
    for (const bool stop : {false, true}) {
      std::vector<v1::JournalRecord> records = Visiting(step);
      if (stop) {
        records.push_back(Stopped(v1::StopRequested::CAUSE_OPERATOR));
        records.push_back(Entered("node-01", v1::NODE_STEP_RESTORE));
      }
      v1::JournalRecord resumed;
      resumed.mutable_operation_resumed();
      *resumed.mutable_at() = ToProto(Noon() + kNow);
      records.push_back(resumed);
      // Connected, with a snapshot, but nothing asked for since.
      ClusterView view = HealthyView(Noon() + kNow);
      Leave(&view);
      for (auto& [name, host] : view.nodes) host.fresh = Freshness();
      view.load_balancers["lb-01"].fresh = Freshness();
      const Decision decision = Decide(OperationFrom(records, Noon()), view, Noon() + kNow);
      EXPECT_TRUE(decision.actions.empty()) << v1::NodeStep_Name(step) << " stopped " << stop << Show(decision);
      EXPECT_FALSE(decision.observe.empty()) << v1::NodeStep_Name(step) << " stopped " << stop;
    }
  }
}

}  // namespace
}  // namespace jettyfleet
