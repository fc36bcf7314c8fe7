#include "tests/agent/act/fault/fault_fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FreezeTest : public FaultFixture {
 protected:
  SleepingProcess jetty_;
};

TEST_F(FreezeTest, StandsStillUntilItIsUndone) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  const v1::ActionResult frozen = Execute(Freeze());
  EXPECT_THAT(frozen, IsDone());
  EXPECT_EQ(FromProto(frozen.lease_ends_at()), clock_.WallNow() + absl::Seconds(60));
  EXPECT_TRUE(IsFrozen());
  EXPECT_TRUE(jetty_.IsLeftAlone()) << "the kernel does it";
  ASSERT_THAT(actor_->Leases(), SizeIs(1));
  EXPECT_EQ(actor_->Leases()[0].kind(), "unit-freeze");
  EXPECT_EQ(actor_->Leases()[0].target(), "jetty9");
  EXPECT_EQ(actor_->Leases()[0].operation_id(), "op-1");
  ASSERT_THAT(cluster_.timers, SizeIs(1));
  EXPECT_EQ(cluster_.timers.begin()->first, "jettyfleet-undo-op-1-fault-1763900060250");
  EXPECT_THAT(cluster_.timers.begin()->second,
              ElementsAre("/usr/bin/jettyfleet-agent", "--node=node-02", "--state=" + options_.state_dir,
                          "--haproxy-socket=" + options_.haproxy_socket, "undo", kLease));
  EXPECT_THAT(Execute(Undo()), IsDone());
  EXPECT_FALSE(IsFrozen());
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(Execute(Undo()), IsDone()) << "twice";
}

TEST_F(FreezeTest, RecordThenTimerThenAct) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  bool recorded = false;
  bool ran = false;
  cluster_.BeforeNext("systemd-run", [&] {
    recorded = std::filesystem::exists(LeasePath(kLease));
    ran = !IsFrozen();
  });
  ASSERT_THAT(Execute(Freeze()), IsDone());
  EXPECT_TRUE(recorded);
  EXPECT_TRUE(ran);
}

TEST_F(FreezeTest, WithoutRecordOrTimerNothingIsDone) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  std::filesystem::create_directories(LeasePath(kLease) + ".new");
  EXPECT_THAT(Execute(Freeze()), IsRefused("cannot be recorded"));
  std::filesystem::remove(LeasePath(kLease) + ".new");
  cluster_.Next("systemd-run", FakeCluster::Exit(1, "", "Failed to connect to bus: No such file or directory\n"));
  EXPECT_THAT(Execute(Freeze()), IsRefused("Failed to connect to bus"));
  EXPECT_FALSE(IsFrozen());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(FreezeTest, ALeaseThatEndsWhileItIsArmedIsNotUsed) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  cluster_.BeforeNext("systemd-run", [&] { clock_.Advance(absl::Seconds(61)); });
  v1::Action action = Freeze();
  action.mutable_timeout()->set_seconds(300);
  EXPECT_THAT(Execute(action), IsRefused("too late"));
  EXPECT_FALSE(IsFrozen());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(FreezeTest, BySignalWhereTheKernelCannot) {
  RunUnit("jetty9", {jetty_.pid()}, false);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  EXPECT_TRUE(jetty_.AwaitStopped());
  ASSERT_THAT(Execute(Undo()), IsDone());
  EXPECT_TRUE(jetty_.AwaitContinued());
}

TEST_F(FreezeTest, WhatDoesNotStandStillIsTakenBackAtOnce) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  WriteFile(Unified(kJetty, "cgroup.events"), "populated 1\nfrozen 0\n");
  EXPECT_THAT(Execute(Freeze()), IsTimedOut("do not stand still after 500ms; it was taken back"));
  EXPECT_EQ(Freezer(), "0");
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(FreezeTest, AFreezeFileThatGoesMissing) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  // The unit stops between the questions and the act.
  cluster_.BeforeNext("systemd-run", [&] { std::filesystem::remove_all(directory_ + "/unified" + kJetty); });
  EXPECT_THAT(Execute(Freeze()), IsFailed("has no cgroup.freeze; it was taken back"));
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(FreezeTest, WhatCannotBeFrozen) {
  EXPECT_THAT(Execute(Freeze()), IsRefused("jetty9.service is inactive on this host"));
  RunUnit("jetty9", {jetty_.pid()}, true);
  cluster_.node.units["jetty9.service"].control_group = "/../../etc.service";
  EXPECT_THAT(Execute(Freeze()), IsRefused("cannot ask systemd about jetty9.service"));
  cluster_.node.units["jetty9.service"].control_group = "/system.slice/gone.service";
  EXPECT_THAT(Execute(Freeze()), IsRefused("this host has no control group"));
  cluster_.Next("systemctl show", FakeCluster::Exit(1, "", "Failed to connect to bus: Connection refused\n"));
  EXPECT_THAT(Execute(Freeze()), IsRefused("Failed to connect to bus"));
  RunUnit("jetty9", {jetty_.pid(), getpid()}, true);
  EXPECT_THAT(Execute(Freeze()), IsRefused("holds this agent itself"));
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_FALSE(IsFrozen());
}

TEST_F(FreezeTest, TheAgentDiesBetweenRecordAndTimer) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  cluster_.BeforeNext("systemd-run", [&] { Restart(); });
  actor_->Execute(Freeze(), [](v1::ActionResult) { ADD_FAILURE() << "its agent is dead"; });
  while (CallsOf("systemd-run") == 0) Turn();
  EXPECT_FALSE(IsFrozen());
  ASSERT_THAT(LeaseIds(), ElementsAre(kLease));
  const absl::Time first_end = FromProto(actor_->Leases()[0].ends_at());
  cluster_.timers.clear();  // it died a moment earlier than the fake can show
  clock_.Advance(absl::Seconds(5));
  const v1::ActionResult again = Execute(Freeze());
  EXPECT_THAT(again, IsDone());
  EXPECT_EQ(FromProto(again.lease_ends_at()), first_end) << "its first end stands";
  EXPECT_TRUE(IsFrozen());
  EXPECT_THAT(cluster_.timers, SizeIs(1)) << "never in force without a timer";
}

TEST_F(FreezeTest, TheSameAgainKeepsItsEndAndItsTimer) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  const v1::ActionResult first = Execute(Freeze());
  const auto timers = cluster_.timers;
  clock_.Advance(absl::Seconds(5));
  const v1::ActionResult again = Execute(Freeze());
  EXPECT_THAT(again, IsDone());
  EXPECT_EQ(again.lease_ends_at().seconds(), first.lease_ends_at().seconds());
  EXPECT_EQ(cluster_.timers, timers);
  EXPECT_EQ(CallsOf("systemd-run"), 1);
}

TEST_F(FreezeTest, ALeaseThatIsOverOrAnothersIsNotTakenUp) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  EXPECT_THAT(Execute(Freeze("jettyfleet-op-2-fault")),
              IsRefused("under another fault: jettyfleet-op-1-fault (unit-freeze of jetty9)"));
  EXPECT_THAT(Execute(Partition()), IsRefused("used already, for unit-freeze of jetty9"));
  clock_.Advance(absl::Seconds(61));
  EXPECT_THAT(Execute(Freeze()), IsRefused("has ended and is being undone"));
}

TEST_F(FreezeTest, UndoLeavesOtherSortsOfLeasesAlone) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  EXPECT_THAT(Execute(Undo("jettyfleet-op-1-lb-node-01")), IsRefused("is no fault's"));
  EXPECT_THAT(LeaseIds(), ElementsAre("jettyfleet-op-1-lb-node-01"));
}

TEST_F(FreezeTest, UndoNeedsNoClusterAndNoRoom) {
  RunUnit("jetty9", {jetty_.pid()}, false);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  ASSERT_TRUE(jetty_.AwaitStopped());
  cluster_.quorumtool_exit = 2;
  for (const char* program : {"cibadmin", "crm_mon", "crmadmin", "corosync-quorumtool", "nft"}) {
    cluster_.Uninstall(program);
  }
  v1::ActionResult undone;
  {
    const FullDisk full;
    undone = Execute(Undo());
  }
  EXPECT_THAT(undone, IsDone());
  EXPECT_TRUE(jetty_.AwaitContinued());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

}  // namespace
}  // namespace jettyfleet
