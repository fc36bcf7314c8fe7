// Each invariant is seen to fire: on a bug planted in the simulated world, or where the code under test cannot be bent
// that way, on a doctored history.
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

TEST(Checker, SeesAnActionWithoutARecord) {
  SimWorld world(SimSetup{});
  world.coordinator().sends_unrecorded = true;
  world.Run();
  EXPECT_TRUE(Fires("record-first", CheckHistory(world.history(), true)));
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

TEST(Checker, SeesAnAgentThatObeysAnOldCoordinator) {
  SimSetup setup;
  SimWorld world(setup);
  world.agent("node-02").ignores_epoch = true;
  world.KillAtAppend(1, /*before=*/false, absl::Seconds(2));
  world.events().After(absl::Seconds(40), [&world] {
    // What an older coordinator still had to say.
    v1::CoordinatorMessage message;
    message.mutable_action()->set_id("old");
    message.mutable_action()->set_epoch(1);
    message.mutable_action()->mutable_release_lock()->set_holder("nobody");
    world.agent("node-02").Receive(message);
  });
  world.Run();
  const std::vector<std::string> violations = CheckHistory(world.history(), true);
  EXPECT_TRUE(Fires("stale-epoch", violations)) << Show(violations, world);
}

TEST(Checker, SeesAnAgentThatActsTooLate) {
  SimWorld world(SimSetup{});
  world.agent("node-02").ignores_not_after = true;
  world.events().After(absl::Seconds(10), [&world] {
    v1::CoordinatorMessage message;
    message.mutable_action()->set_id("late");
    message.mutable_action()->set_epoch(1);
    message.mutable_action()->mutable_release_lock()->set_holder("nobody");
    *message.mutable_action()->mutable_not_after() = ToProto(SimWorld::Start());
    world.agent("node-02").Receive(message);
  });
  world.Run();
  EXPECT_TRUE(Fires("too-late", CheckHistory(world.history(), true)));
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

TEST(Checker, SeesAJournalThatForgets) {
  SimWorld world(SimSetup{});
  world.events().After(absl::Seconds(20), [&world] { world.journal().ForgetLast(); });
  world.Run();
  EXPECT_TRUE(Fires("replay", CheckHistory(world.history(), true)));
}

TEST(Checker, SeesAnActAfterTheStop) {
  History history;
  history.Add(SimWorld::Start(), HistoryEvent::kDurable).record.mutable_stop_requested();
  v1::ActionIssued* issued = history.Add(SimWorld::Start(), HistoryEvent::kDurable).record.mutable_action_issued();
  issued->mutable_action()->set_id("x");
  issued->mutable_action()->mutable_evict_node()->set_node("node-01");
  EXPECT_TRUE(Fires("no-act-after-stop", CheckHistory(history, false)));
}

TEST(Checker, SeesALeaseThatNeverEnds) {
  SimSetup setup;
  setup.coordinator_comes_back = false;
  SimWorld world(setup);
  world.balancer().leases_never_end = true;
  world.events().After(absl::Seconds(10), [&world] { world.KillCoordinator(absl::ZeroDuration()); });
  world.Run();
  EXPECT_TRUE(Fires("left-over", CheckHistory(world.history(), false)));
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

TEST(Checker, SeesAnEngineThatDoesNotComeToRest) {
  History history;
  history.Add(SimWorld::Start(), HistoryEvent::kNotAtRest, "decided 200 times");
  EXPECT_TRUE(Fires("at-rest", CheckHistory(history, false)));
}

TEST(Checker, SeesAnOperationThatNeverEnds) {
  SimSetup setup;
  setup.coordinator_comes_back = false;
  SimWorld world(setup);
  world.events().After(absl::Seconds(10), [&world] { world.KillCoordinator(absl::ZeroDuration()); });
  world.Run();
  EXPECT_TRUE(Fires("ends", CheckHistory(world.history(), true)));
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
