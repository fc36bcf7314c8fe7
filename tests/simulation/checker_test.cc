// What planted_bugs_test.cc leaves out: histories that no run comes to, and runs that break nothing.
#include "tests/simulation/checker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "common/proto_time.h"
#include "tests/simulation/sim_world.h"
#include "tests/simulation/transcript.h"

namespace jettyfleet {
namespace {

bool Fires(const std::string& invariant, const std::vector<std::string>& violations) {
  for (const std::string& violation : violations) {
    if (absl::StartsWith(violation, invariant + ":")) return true;
  }
  return false;
}

std::string Show(const std::vector<std::string>& violations, const SimWorld& world) {
  return absl::StrCat(absl::StrJoin(violations, "\n"), "\n", Transcript(world.history(), SimWorld::Start()));
}

v1::CibEntryFact RuleFor(const std::string& node, absl::Time end) {
  v1::CibEntryFact rule;
  rule.set_kind(v1::CibEntryFact::KIND_EVICT_RULE);
  rule.set_id("jettyfleet-planted-" + node);
  rule.set_node(node);
  *rule.mutable_ends_at() = ToProto(end);
  return rule;
}

TEST(Checker, IsSilentOnAGoodDrill) {
  SimWorld world(SimSetup{});
  world.Run();
  const std::vector<std::string> violations = CheckHistory(world.history(), true);
  EXPECT_TRUE(violations.empty()) << Show(violations, world);
  EXPECT_EQ(world.outcome(), v1::OPERATION_STATE_PASSED);
}

TEST(Checker, SeesTwoNodesHeldOut) {
  SimWorld world(SimSetup{});
  world.events().After(absl::Seconds(20), [&world] {
    const absl::Time end = world.events().WallNow() + absl::Seconds(100);
    world.cluster().PutEntry("node-01", RuleFor("node-01", end));
    world.cluster().PutEntry("node-01", RuleFor("node-03", end));
  });
  world.Run();
  EXPECT_TRUE(Fires("one-down", CheckHistory(world.history(), true)));
}

TEST(Checker, SeesAnUndoWithoutItsActsRecordThoughTheJournalIsFull) {
  History history;
  history.Add(SimWorld::Start(), HistoryEvent::kJournalFull);
  HistoryEvent& sent = history.Add(SimWorld::Start(), HistoryEvent::kSent);
  sent.undo = true;
  sent.action.set_id("x");
  sent.action.mutable_remove_cib_lease()->set_lease_id("jettyfleet-nobodys");
  EXPECT_TRUE(Fires("record-first", CheckHistory(history, false)));
}

TEST(Checker, SeesANodeHeldOutWithoutTheLock) {
  SimWorld world(SimSetup{});
  // Somebody takes the lock away right before a node is held out.
  world.events().After(absl::Seconds(4), [&world] { world.cluster().RemoveEntry("node-01", "jettyfleet-lock"); });
  world.Run();
  EXPECT_FALSE(Fires("locked", CheckHistory(world.history(), true))) << "the gate sees that first";
  History history;
  HistoryEvent& begun = history.Add(SimWorld::Start(), HistoryEvent::kBegun);
  begun.action.mutable_standby_node()->set_node("node-01");
  EXPECT_TRUE(Fires("locked", CheckHistory(history, false)));
}

TEST(Checker, SeesANodeActedOnBeforeTheLastIsWhole) {
  History history;
  for (const char* node : {"node-01", "node-02"}) {
    HistoryEvent& begun = history.Add(SimWorld::Start(), HistoryEvent::kBegun);
    begun.action.set_id(node);
    begun.action.mutable_standby_node()->set_node(node);
  }
  EXPECT_TRUE(Fires("whole-first", CheckHistory(history, false)));
}

TEST(Checker, AcceptsTheNextNodeAfterTheLastWasWhole) {
  History history;
  for (const char* node : {"node-01", "node-02"}) {
    HistoryEvent& begun = history.Add(SimWorld::Start(), HistoryEvent::kBegun);
    begun.action.set_id(node);
    begun.action.mutable_standby_node()->set_node(node);
    begun.locked = true;
    history.Add(SimWorld::Start(), HistoryEvent::kWhole).nodes = {"node-01", "node-02"};
  }
  EXPECT_TRUE(CheckHistory(history, false).empty());
}

TEST(Checker, SeesAnActAfterTheStop) {
  History history;
  history.Add(SimWorld::Start(), HistoryEvent::kDurable).record.mutable_stop_requested();
  v1::ActionIssued* issued = history.Add(SimWorld::Start(), HistoryEvent::kDurable).record.mutable_action_issued();
  issued->mutable_action()->set_id("x");
  issued->mutable_action()->mutable_evict_node()->set_node("node-01");
  EXPECT_TRUE(Fires("no-act-after-stop", CheckHistory(history, false)));
}

TEST(Checker, LeasesEndWhenNobodyIsLeft) {
  SimSetup setup;
  setup.coordinator_comes_back = false;
  SimWorld world(setup);
  world.events().After(absl::Seconds(10), [&world] { world.KillCoordinator(absl::ZeroDuration()); });
  world.Run();
  const std::vector<std::string> violations = CheckHistory(world.history(), false);
  EXPECT_TRUE(violations.empty()) << Show(violations, world);
}

HistoryEvent& Forced(History* history, absl::Duration at) {
  HistoryEvent& event = history->Add(SimWorld::Start() + at, HistoryEvent::kInForce, "lease");
  event.host = "node-01";
  event.armed = true;
  event.local = event.at;
  event.ends = event.over_by = SimWorld::Start() + absl::Seconds(60);
  return event;
}

TEST(Checker, AllowsAFaultFiveSecondsBeyondItsLease) {
  struct Row {
    const char* what;
    int lifted;
    bool outlives;
  };
  for (const Row& row : {Row{"undone", 20, false}, Row{"by its timer", 61, false}, Row{"just so", 65, false},
                         Row{"too late", 66, true}}) {
    History history;
    Forced(&history, absl::Seconds(10));
    history.Add(SimWorld::Start() + absl::Seconds(row.lifted), HistoryEvent::kLifted, "lease").host = "node-01";
    EXPECT_EQ(Fires("outlived", CheckHistory(history, false)), row.outlives) << row.what;
  }
}

TEST(Checker, SeesAFaultThatIsNeverLifted) {
  History history;
  Forced(&history, absl::Seconds(10));
  history.Add(SimWorld::Start() + absl::Seconds(66), HistoryEvent::kFault);
  EXPECT_TRUE(Fires("outlived", CheckHistory(history, false)));
}

TEST(Checker, SeesAFaultAtItsLeasesVeryEnd) {
  History history;
  Forced(&history, absl::Seconds(60));
  EXPECT_TRUE(Fires("lease-over", CheckHistory(history, false)));
}

TEST(Checker, SeesAnEngineThatDoesNotComeToRest) {
  History history;
  history.Add(SimWorld::Start(), HistoryEvent::kNotAtRest, "decided 200 times");
  EXPECT_TRUE(Fires("at-rest", CheckHistory(history, false)));
}

TEST(Checker, SeesASuccessThatIsNone) {
  History history;
  history.Add(SimWorld::Start(), HistoryEvent::kDurable).record.mutable_nodes_planned()->add_nodes("node-01");
  history.Add(SimWorld::Start(), HistoryEvent::kDurable)
      .record.mutable_operation_ended()
      ->set_state(v1::OPERATION_STATE_PASSED);
  EXPECT_TRUE(Fires("true-success", CheckHistory(history, false)));
}

}  // namespace
}  // namespace jettyfleet
