#include <algorithm>

#include "absl/strings/match.h"
#include "agent/act/json_file.h"
#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ActorTest : public ActorFixture {};

TEST_F(ActorTest, AnUnknownKindIsUnimplementedEvenFromAnOldCoordinator) {
  ASSERT_TRUE(actor_->NoteEpoch(5).ok());
  EXPECT_EQ(Execute(NewAction()).outcome(), v1::ActionResult::OUTCOME_UNIMPLEMENTED);
  EXPECT_THAT(cluster_.calls, IsEmpty());
}

TEST_F(ActorTest, AStaleEpochIsRefusedUndoToo) {
  ASSERT_TRUE(actor_->NoteEpoch(5).ok());
  for (v1::Action action : {Evict(), RemoveLease(), Ready()}) {
    action.set_epoch(4);
    EXPECT_THAT(Execute(action), IsRefused("epoch 4 is older than 5"));
  }
  EXPECT_THAT(cluster_.calls, IsEmpty());
}

TEST_F(ActorTest, EpochsOnlyRiseAndSurviveARestart) {
  EXPECT_EQ(actor_->highest_epoch(), 0u);
  ASSERT_TRUE(actor_->NoteEpoch(7).ok());
  Restart();
  EXPECT_EQ(actor_->highest_epoch(), 7u);
  EXPECT_EQ(actor_->NoteEpoch(6).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(actor_->NoteEpoch(7).ok());
  EXPECT_EQ(actor_->highest_epoch(), 7u);
}

TEST_F(ActorTest, AnActionsHigherEpochCountsFromThenOn) {
  v1::Action action = Evict();
  action.set_epoch(9);
  EXPECT_THAT(Execute(action), IsDone());
  Restart();
  EXPECT_EQ(actor_->highest_epoch(), 9u);
}

TEST_F(ActorTest, ADoneIdIsAnsweredWithItsResultAndNotDoneAgain) {
  const v1::Action action = Evict();
  const v1::ActionResult first = Execute(action);
  ASSERT_THAT(first, IsDone());
  cluster_.Remove("//rsc_location");
  cluster_.calls.clear();
  clock_.Advance(absl::Seconds(5));
  for (int restarts = 0; restarts < 2; ++restarts) {
    EXPECT_EQ(Execute(action).SerializeAsString(), first.SerializeAsString());
    Restart();
  }
  EXPECT_THAT(cluster_.calls, IsEmpty());
}

TEST_F(ActorTest, AFailureIsRememberedAndARefusalIsNot) {
  const v1::Action fails = Evict();
  cluster_.Next("pcs", FakeCluster::Exit(1, "", "Error: no\n"));
  ASSERT_THAT(Execute(fails), IsFailed("Error: no"));
  EXPECT_THAT(Execute(fails), IsFailed("Error: no"));
  EXPECT_FALSE(cluster_.Has("//rsc_location"));

  cluster_.dc_has_quorum = false;
  const v1::Action waits = Standby("jettyfleet-op-1-b");
  ASSERT_THAT(Execute(waits), IsRefused("no quorum"));
  cluster_.dc_has_quorum = true;
  EXPECT_THAT(Execute(waits), IsDone());
}

TEST_F(ActorTest, AnIdThatIsUnderWayIsDoneOnceAndAnsweredTwice) {
  const v1::Action action = Evict();
  std::vector<v1::ActionResult> results;
  for (int i = 0; i < 2; ++i) {
    actor_->Execute(action, [&](v1::ActionResult result) { results.push_back(std::move(result)); });
  }
  while (results.size() < 2) Turn();
  EXPECT_THAT(results, ElementsAre(IsDone(), IsDone()));
  EXPECT_EQ(std::count_if(cluster_.calls.begin(), cluster_.calls.end(),
                          [](const std::string& call) { return absl::StartsWith(call, "pcs"); }),
            1);
}

TEST_F(ActorTest, OnlyTheLastThousandAreRemembered) {
  actor_.reset();
  v1::AgentState state;
  state.set_schema(kStateSchema);
  for (int i = 0; i < kRememberedActions; ++i) state.add_done()->set_action_id(absl::StrCat("old-", i));
  ASSERT_TRUE(WriteJsonFile(options_.state_dir + "/actions.json", state).ok());
  Restart();
  const v1::Action newest = RemoveLease();
  ASSERT_THAT(Execute(newest), IsDone());
  ActionLog log(options_.state_dir);
  ASSERT_TRUE(log.Open().ok());
  EXPECT_EQ(log.Find("old-0"), nullptr);
  EXPECT_NE(log.Find("old-1"), nullptr);
  EXPECT_NE(log.Find(newest.id()), nullptr);
}

TEST_F(ActorTest, TooLateIsRefused) {
  v1::Action action = Evict();
  *action.mutable_not_after() = ToProto(clock_.WallNow() - absl::Milliseconds(1));
  EXPECT_THAT(Execute(action), IsRefused("too late"));
  EXPECT_THAT(cluster_.calls, IsEmpty());
  *action.mutable_not_after() = ToProto(clock_.WallNow());
  EXPECT_THAT(Execute(action), IsDone());
}

TEST_F(ActorTest, TimeThatPassesInTheQueueCounts) {
  v1::Action late = Standby("jettyfleet-late");
  *late.mutable_not_after() = ToProto(clock_.WallNow() + absl::Seconds(2));
  v1::Action slow = Standby("jettyfleet-slow");
  slow.mutable_timeout()->set_seconds(2);
  v1::Action stale = Standby("jettyfleet-stale");
  cluster_.BeforeNext("pcs", [this] {
    clock_.Advance(absl::Seconds(3));
    ASSERT_TRUE(actor_->NoteEpoch(2).ok());
  });
  std::vector<v1::ActionResult> results;
  for (const v1::Action& action : {Evict("jettyfleet-first"), late, slow, stale}) {
    actor_->Execute(action, [&](v1::ActionResult result) { results.push_back(std::move(result)); });
  }
  while (results.size() < 4) Turn();
  EXPECT_THAT(results[0], IsDone());
  EXPECT_THAT(results[1], IsRefused("older than 2"));
  EXPECT_THAT(results[2], IsRefused("its time was over"));
  EXPECT_THAT(results[3], IsRefused("older than 2"));
  EXPECT_FALSE(cluster_.Has("//instance_attributes"));
}

TEST_F(ActorTest, OneActionAtATime) {
  std::vector<v1::ActionResult> results;
  for (const v1::Action& action : {Evict("jettyfleet-a"), Evict("jettyfleet-b")}) {
    actor_->Execute(action, [&](v1::ActionResult result) { results.push_back(std::move(result)); });
  }
  while (results.size() < 2) Turn();
  std::vector<std::string> order;
  for (const std::string& call : cluster_.calls) order.push_back(call.substr(0, call.find(' ')));
  const std::vector<std::string> one = {"cibadmin", "crm_mon", "corosync-quorumtool", "pcs", "cibadmin"};
  std::vector<std::string> two = one;
  two.insert(two.end(), one.begin(), one.end());
  EXPECT_EQ(order, two);
}

TEST_F(ActorTest, TheQueueIsBounded) {
  int refused = 0;
  int ended = 0;
  for (int i = 0; i < 40; ++i) {
    actor_->Execute(RemoveLease(), [&](v1::ActionResult result) {
      ++ended;
      if (result.outcome() == v1::ActionResult::OUTCOME_REFUSED) ++refused;
    });
  }
  while (ended < 40) Turn();
  EXPECT_EQ(refused, 7);
}

TEST_F(ActorTest, AFullDiskRefusesWhatBreaksAndLetsUndoThrough) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  ASSERT_THAT(Execute(Drain()), IsDone());
  {
    const FullDisk full;
    ASSERT_TRUE(actor_->NoteEpoch(2).ok()) << "or nobody could undo through this agent";
    v1::Action arms = Standby("jettyfleet-op-1-b");
    arms.set_epoch(2);
    EXPECT_THAT(Execute(arms), IsRefused("only undo is accepted"));
    v1::Action removes = RemoveLease();
    removes.set_epoch(2);
    EXPECT_THAT(Execute(removes), IsDone());
    v1::Action ready = Ready();
    ready.set_epoch(2);
    EXPECT_THAT(Execute(ready), IsDone());
    EXPECT_THAT(Execute(ready), IsDone()) << "remembered, if not durably";
  }
  EXPECT_FALSE(cluster_.Has("//rsc_location"));
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
  EXPECT_THAT(LeaseIds(), IsEmpty());
  // With space again everything that was kept in memory goes to the disk with the next action.
  v1::Action arms = Standby("jettyfleet-op-1-b");
  arms.set_epoch(2);
  EXPECT_THAT(Execute(arms), IsDone());
  Restart();
  EXPECT_EQ(actor_->highest_epoch(), 2u);
}

TEST_F(ActorTest, DamagedFilesAreNamedAndNeverReset) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  actor_.reset();
  const std::string actions = options_.state_dir + "/actions.json";
  const std::string lease = LeasePath("jettyfleet-op-1-node-01");
  for (const std::string& path : {actions, lease}) {
    std::stringstream whole;
    whole << std::ifstream(path).rdbuf();
    const std::string good = whole.str();
    for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2), good.substr(0, good.size() - 2),
                                   std::string("{}"), std::string("{\"schema\": 2}"), std::string("\0\0\0", 3),
                                   std::string("{\"schema\": 1, \"tomorrow\": true}"), std::string(5 << 20, ' ')}) {
      WriteFile(path, bad);
      Actor again(*loop_, cluster_, clock_, options_, [] {});
      const absl::Status opened = again.Open();
      EXPECT_EQ(opened.code(), absl::StatusCode::kDataLoss) << bad.substr(0, 40);
      EXPECT_THAT(std::string(opened.message()), AllOf(HasSubstr(path), HasSubstr("docs/runbook.md")));
      EXPECT_EQ(std::filesystem::file_size(path), bad.size());
    }
    WriteFile(path, good);
  }
  Restart();
  EXPECT_THAT(LeaseIds(), ElementsAre("jettyfleet-op-1-node-01"));
}

TEST_F(ActorTest, HalfWrittenFilesOfAPowerCutAreIgnored) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  WriteFile(LeasePath("jettyfleet-op-1-node-01") + ".new", "{\"sche");
  WriteFile(options_.state_dir + "/actions.json.new", "{\"sche");
  WriteFile(options_.state_dir + "/leases/README", "not ours");
  Restart();
  EXPECT_THAT(LeaseIds(), ElementsAre("jettyfleet-op-1-node-01"));
}

TEST_F(ActorTest, ChangesOfLeasesAreToldAlsoWhenAOneShotMakesThem) {
  EXPECT_EQ(leases_changed_, 0);
  ASSERT_THAT(Execute(Drain()), IsDone());
  EXPECT_EQ(leases_changed_, 1);
  int code = 1;
  Say([](OneShot& shot) { return shot.UndoOne("jettyfleet-op-1-lb-node-01"); }, &code);
  ASSERT_EQ(code, 0);
  while (leases_changed_ < 2) Turn();
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(ActorTest, WhatHasEndedIsClearedAway) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  ASSERT_TRUE(cluster_.Has("//rsc_location"));
  clock_.Advance(absl::Seconds(60) + absl::Seconds(11) - absl::Milliseconds(300));
  Restart();  // its first sweep is due when the lease's grace is over: within a second
  while (cluster_.Has("//rsc_location") || !LeaseIds().empty()) {
    Turn();
    clock_.Advance(absl::Milliseconds(300));
  }
  EXPECT_FALSE(std::filesystem::exists(LeasePath("jettyfleet-op-1-node-01")));
}

TEST_F(ActorTest, AnActionDoesNotPutOffWhatIsToBeClearedAway) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  cluster_.Remove("//rsc_location");  // the agent died between the undo and the removal of its record
  clock_.Advance(absl::Minutes(2));
  Restart();
  clock_.Advance(absl::Seconds(5));  // its first sweep is due
  ASSERT_THAT(Execute(Ready()), IsDone());
  bool late = false;
  const std::unique_ptr<Timer> limit = loop_->After(absl::Seconds(10), [&late] { late = true; });
  while (!LeaseIds().empty() && !late) Turn();
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(ActorTest, AtItsStartItClearsAwayWhatACheckHasLeft) {
  static constexpr char kProgram[] = "/usr/bin/jettyfleet-inspect";
  WriteFile(options_.state_dir + "/markers/jettyfleet-marker-1.json", "{}");
  Restart();
  clock_.Advance(absl::Seconds(5));  // its first sweep is due
  cluster_.Next(kProgram, FakeCluster::Exit(0, "removed jettyfleet-marker-1\n"));
  ASSERT_THAT(Execute(Ready()), IsDone());
  bool late = false;
  const std::unique_ptr<Timer> limit = loop_->After(absl::Seconds(10), [&late] { late = true; });
  const auto swept = [this] {
    return std::any_of(cluster_.calls.begin(), cluster_.calls.end(), [&](const std::string& call) {
      return call == absl::StrCat(kProgram, " --state ", options_.state_dir, " --node node-02 --sweep");
    });
  };
  while (!swept() && !late) Turn();
  EXPECT_TRUE(swept());
}

TEST_F(ActorTest, AnActorThatGoesAwayInTheMiddleLeavesNoCallBehind) {
  actor_->Execute(Evict(), [](v1::ActionResult) { ADD_FAILURE() << "called after its actor was gone"; });
  actor_->Execute(Drain(), [](v1::ActionResult) { ADD_FAILURE() << "called after its actor was gone"; });
  Turn();
  actor_.reset();
  Settle();
}

}  // namespace
}  // namespace jettyfleet
