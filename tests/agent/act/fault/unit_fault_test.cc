#include "tests/agent/act/fault/fault_fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class UnitFaultTest : public FaultFixture {
 protected:
  SleepingProcess jetty_;
};

TEST_F(UnitFaultTest, StopIsLeftToSystemd) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  EXPECT_THAT(Execute(Stop()), IsDone());
  EXPECT_THAT(cluster_.node.stopped, ElementsAre("jetty9.service"));
  EXPECT_THAT(LeaseIds(), IsEmpty()) << "the cluster ends it";
  cluster_.Next("systemctl stop", FakeCluster::Exit(1, "", "Failed to stop jetty9.service: Access denied\n"));
  EXPECT_THAT(Execute(Stop()), IsFailed("Access denied"));
}

TEST_F(UnitFaultTest, KillsTheMainProcessAlone) {
  SleepingProcess helper;
  RunUnit("jetty9", {jetty_.pid(), helper.pid()}, true);
  EXPECT_THAT(Execute(Kill()), IsDone());
  EXPECT_TRUE(jetty_.AwaitKilled());
  EXPECT_TRUE(helper.IsLeftAlone());
}

TEST_F(UnitFaultTest, OnlyAProcessOfTheUnit) {
  SleepingProcess other;
  RunUnit("jetty9", {jetty_.pid()}, true);
  for (const pid_t wrong : {other.pid(), 0, 1}) {
    cluster_.node.units["jetty9.service"].main_process = wrong;
    EXPECT_THAT(Execute(Kill()), IsRefused("is not seen in its control group"));
  }
  EXPECT_TRUE(other.IsLeftAlone());
  EXPECT_TRUE(jetty_.IsLeftAlone());
}

TEST_F(UnitFaultTest, AProcessThatHasGoneMeanwhile) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  SleepingProcess other;
  // Its number is another's by the time of the act: it is in the unit's group no more.
  cluster_.BeforeNext("crmadmin", [&] { WriteFile(Unified(kJetty, "cgroup.procs"), absl::StrCat(other.pid(), "\n")); });
  EXPECT_THAT(Execute(Kill()), IsFailed("has gone, and that number is another's now"));
  EXPECT_TRUE(jetty_.IsLeftAlone());
}

TEST_F(UnitFaultTest, AUnitThatDoesNotRun) {
  EXPECT_THAT(Execute(Stop()), IsRefused("jetty9.service is inactive"));
  EXPECT_THAT(Execute(Kill()), IsRefused("jetty9.service is inactive"));
}

TEST_F(UnitFaultTest, AnIdThatIsDoneIsNotDoneAgain) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  const v1::Action kill = Kill();
  ASSERT_THAT(Execute(kill), IsDone());
  ASSERT_TRUE(jetty_.AwaitKilled());
  SleepingProcess restarted;
  RunUnit("jetty9", {restarted.pid()}, true);
  EXPECT_THAT(Execute(kill), IsDone());
  Restart();
  EXPECT_THAT(Execute(kill), IsDone());
  EXPECT_TRUE(restarted.IsLeftAlone());
}

TEST_F(UnitFaultTest, AnIdThatWasBegunIsNeverBegunAgain) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  const v1::Action stop = Stop();
  cluster_.BeforeNext("systemctl stop", [&] { Restart(); });
  actor_->Execute(stop, [](v1::ActionResult) { ADD_FAILURE() << "its agent is dead"; });
  while (cluster_.node.stopped.empty()) Turn();
  EXPECT_THAT(Execute(stop), IsFailed("the agent ended while this was under way"));
  EXPECT_THAT(cluster_.node.stopped, ElementsAre("jetty9.service")) << "once";
  EXPECT_THAT(Execute(Stop()), IsDone()) << "another id is another stop";
}

TEST_F(UnitFaultTest, TheSameIdWhileItIsUnderWayGetsTheSameAnswer) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  const v1::Action stop = Stop();
  std::vector<v1::ActionResult> answers;
  const auto note = [&](v1::ActionResult result) { answers.push_back(std::move(result)); };
  // Noted as begun by then.
  cluster_.BeforeNext("systemctl stop", [&] { actor_->Execute(stop, note); });
  actor_->Execute(stop, note);
  while (answers.size() < 2) Turn();
  EXPECT_THAT(answers, ElementsAre(IsDone(), IsDone()));
  EXPECT_THAT(cluster_.node.stopped, ElementsAre("jetty9.service"));
}

TEST_F(UnitFaultTest, WhatCannotBeNotedIsNotDone) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  v1::Action action = NewAction();
  action.mutable_undo_fault()->set_lease_id(kLease);
  ASSERT_THAT(Execute(action), IsDone()) << "the epoch is durable";
  const v1::Action kill = Kill();
  {
    const FullDisk full;
    EXPECT_THAT(Execute(kill), IsRefused("that it was begun cannot be recorded, so nothing was done"));
    EXPECT_TRUE(jetty_.IsLeftAlone());
  }
  EXPECT_THAT(Execute(kill), IsDone()) << "a refusal may be tried again";
}

}  // namespace
}  // namespace jettyfleet
