#include "tests/agent/act/fault/fault_fixture.h"
#include "tests/testing/agent/loopback_listener.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class PacketFilterFaultTest : public FaultFixture {
 protected:
  // Jetty is this very test, which listens.
  void RunJetty() { RunUnit("jetty9", {getpid()}, false); }
  v1::Action BlackholeOurs() { return Blackhole(listener_.port()); }

  // Of every address, so that nobody else on this machine has its port at another.
  LoopbackListener listener_{AF_INET6};
};

TEST_F(PacketFilterFaultTest, ABlackholeInOneTransaction) {
  RunJetty();
  const v1::ActionResult made = Execute(BlackholeOurs());
  EXPECT_THAT(made, IsDone());
  EXPECT_EQ(FromProto(made.lease_ends_at()), clock_.WallNow() + absl::Seconds(60));
  // Word for word what was given to nftables 1.0.6, and taken.
  EXPECT_THAT(cluster_.calls, Contains(absl::StrCat(
                                  "nft add table inet jettyfleet-op-1-fault\n"
                                  "delete table inet jettyfleet-op-1-fault\n"
                                  "add table inet jettyfleet-op-1-fault\n"
                                  "add chain inet jettyfleet-op-1-fault in { type filter hook input priority -300; }\n"
                                  "add rule inet jettyfleet-op-1-fault in tcp dport ",
                                  listener_.port(), " drop")));
  ASSERT_THAT(actor_->Leases(), SizeIs(1));
  EXPECT_EQ(actor_->Leases()[0].kind(), "port-blackhole");
  EXPECT_EQ(actor_->Leases()[0].target(), absl::StrCat("jetty9:", listener_.port()));
  EXPECT_THAT(cluster_.timers, SizeIs(1));
  EXPECT_THAT(Execute(Undo()), IsDone());
  EXPECT_THAT(cluster_.calls, Contains("nft add table inet jettyfleet-op-1-fault\n"
                                       "delete table inet jettyfleet-op-1-fault"));
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(Execute(Undo()), IsDone()) << "twice";
}

TEST_F(PacketFilterFaultTest, APartitionFromThesePeersOnly) {
  EXPECT_THAT(Execute(Partition()), IsDone());
  EXPECT_THAT(cluster_.calls,
              Contains("nft add table inet jettyfleet-op-1-fault\n"
                       "delete table inet jettyfleet-op-1-fault\n"
                       "add table inet jettyfleet-op-1-fault\n"
                       "add chain inet jettyfleet-op-1-fault in { type filter hook input priority -300; }\n"
                       "add chain inet jettyfleet-op-1-fault out { type filter hook output priority -300; }\n"
                       "add rule inet jettyfleet-op-1-fault in ip saddr { 192.0.2.1, 192.0.2.3 } drop\n"
                       "add rule inet jettyfleet-op-1-fault out ip daddr { 192.0.2.1, 192.0.2.3 } drop\n"
                       "add rule inet jettyfleet-op-1-fault in ip6 saddr { 2001:db8::3 } drop\n"
                       "add rule inet jettyfleet-op-1-fault out ip6 daddr { 2001:db8::3 } drop"));
  ASSERT_THAT(actor_->Leases(), SizeIs(1));
  EXPECT_EQ(actor_->Leases()[0].kind(), "peer-partition");
  EXPECT_EQ(actor_->Leases()[0].target(), "192.0.2.1 192.0.2.3 2001:db8::3");
  EXPECT_THAT(Execute(Undo()), IsDone());
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
}

TEST_F(PacketFilterFaultTest, OneFamilyAlone) {
  ASSERT_THAT(Execute(Partition({"fd00::1"})), IsDone());
  EXPECT_THAT(cluster_.node.tables.at(kLease), Not(HasSubstr("ip saddr")));
  ASSERT_THAT(Execute(Undo()), IsDone());
  ASSERT_THAT(Execute(Partition({"10.0.0.1"})), IsDone());
  EXPECT_THAT(cluster_.node.tables.at(kLease), Not(HasSubstr("ip6")));
}

TEST_F(PacketFilterFaultTest, RecordThenTimerThenAct) {
  bool armed = false;
  cluster_.BeforeNext("systemd-run",
                      [&] { armed = std::filesystem::exists(LeasePath(kLease)) && cluster_.node.tables.empty(); });
  ASSERT_THAT(Execute(Partition()), IsDone());
  EXPECT_TRUE(armed);
}

TEST_F(PacketFilterFaultTest, APortThatIsNotTheUnitsIsLeftAlone) {
  RunJetty();
  uint16_t free_port = 0;
  {
    const LoopbackListener gone(AF_INET6);
    free_port = gone.port();
  }
  EXPECT_THAT(Execute(Blackhole(free_port)), IsRefused("nothing listens on port"));
  SleepingProcess other;
  RunUnit("jetty9", {other.pid()}, false);
  EXPECT_THAT(Execute(BlackholeOurs()), IsRefused("is not, or not only, jetty9's"));
  std::filesystem::remove_all(directory_ + "/systemd");
  EXPECT_THAT(Execute(BlackholeOurs()), IsRefused("cannot find out who listens on port"));
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(PacketFilterFaultTest, WhoMustStayReachable) {
  coordinator_ = "192.0.2.3";
  EXPECT_THAT(Execute(Partition()), IsRefused("192.0.2.3 is the coordinator's address too"));
  coordinator_ = "::ffff:192.0.2.3";
  EXPECT_THAT(Execute(Partition()), IsRefused("192.0.2.3 is the coordinator's address too"));
  coordinator_ = "";
  EXPECT_THAT(Execute(Partition()), IsRefused("the coordinator's address is not known"));
  options_.coordinator_address = nullptr;
  Restart();
  EXPECT_THAT(Execute(Partition()), IsRefused("the coordinator's address is not known"));
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(PacketFilterFaultTest, WithoutNftNothingIsArmed) {
  RunJetty();
  cluster_.Uninstall("nft");
  EXPECT_THAT(Execute(Partition()), IsRefused("this host has no nft that works"));
  EXPECT_THAT(Execute(BlackholeOurs()), IsRefused("this host has no nft that works"));
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(PacketFilterFaultTest, NftSaysNo) {
  // The first call looks whether it works; the second is the act.
  cluster_.Next("nft", FakeCluster::Exit(0));
  cluster_.Next("nft", FakeCluster::Exit(1, "",
                                         "Error: Could not process rule: Operation not permitted\n"
                                         "add table inet jettyfleet-op-1-fault\n^^^^^\n"));
  EXPECT_THAT(Execute(Partition()),
              IsFailed("exit 1: Error: Could not process rule: Operation not permitted; it was taken back"));
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(PacketFilterFaultTest, NftSaysYesAndDoesNothing) {
  cluster_.Next("nft", FakeCluster::Exit(0));
  cluster_.Next("nft", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Partition()), IsFailed("nft said yes, but its table jettyfleet-op-1-fault cannot be seen"));
  cluster_.Next("nft", FakeCluster::Exit(0));
  cluster_.Next("nft", FakeCluster::Exit(0));
  cluster_.Next("nft", FakeCluster::Exit(0, "table inet jettyfleet-op-1-fault {\n}\n"));
  EXPECT_THAT(Execute(Partition()), IsFailed("drops nothing; it was taken back"));
}

TEST_F(PacketFilterFaultTest, WhatCannotBeTakenBackStaysOnItsLease) {
  cluster_.Next("nft", FakeCluster::Exit(0));
  cluster_.Next("nft", FakeCluster::Hang(), /*after_effect=*/true);
  cluster_.Next("nft", FakeCluster::Exit(1, "", "Error: Could not process rule: Device or resource busy\n"));
  EXPECT_THAT(Execute(Partition()), IsTimedOut("it could not be taken back yet"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
  EXPECT_THAT(cluster_.timers, SizeIs(1));
  EXPECT_THAT(cluster_.node.tables, SizeIs(1));
  cluster_.Next("nft", FakeCluster::Exit(1, "", "Error: Could not process rule: Device or resource busy\n"));
  EXPECT_THAT(Execute(Undo()), IsFailed("table inet jettyfleet-op-1-fault: nft: exit 1: Error: Could not"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
  EXPECT_THAT(Execute(Undo()), IsDone());
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
}

TEST_F(PacketFilterFaultTest, TheAgentDiesBetweenTimerAndAct) {
  cluster_.BeforeNext("systemd-run", [&] { Restart(); });
  actor_->Execute(Partition(), [](v1::ActionResult) { ADD_FAILURE() << "its agent is dead"; });
  while (CallsOf("systemd-run") == 0) Turn();
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease)) << "told to whoever asks what is in force";
  int code = -1;
  EXPECT_THAT(Say([](OneShot& shot) { return shot.UndoOne(kLease); }, &code), HasSubstr("undone: partition from"));
  EXPECT_EQ(code, 0) << "as its timer runs it, with nothing to undo";
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kLease)));
}

}  // namespace
}  // namespace jettyfleet
