#include "tests/agent/act/fault/fault_fixture.h"

namespace jettyfleet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// The one-shots: from a timer, at boot, and by hand.
class FaultUndoTest : public FaultFixture {
 protected:
  std::string UndoOne(const std::string& lease = kLease) {
    return Say([&](OneShot& shot) { return shot.UndoOne(lease); }, &code_);
  }
  std::string UndoAll() {
    return Say([](OneShot& shot) { return shot.UndoAll(); }, &code_);
  }
  std::string Sweep() {
    return Say([](OneShot& shot) { return shot.Sweep(); }, &code_);
  }
  void WithoutCluster() {
    for (const char* program : {"cibadmin", "crm_mon", "crmadmin", "corosync-quorumtool", "stonith_admin"}) {
      cluster_.Uninstall(program);
    }
  }
  // Timers are gone, and the records are of another boot.
  void Reboot() {
    actor_.reset();
    cluster_.timers.clear();
    std::string record = Read(LeasePath(kLease));
    const std::size_t at = record.find("\"bootId\": \"") + 11;
    record.replace(at, record.find('"', at) - at, "an-earlier-boot");
    WriteFile(LeasePath(kLease), record);
  }

  SleepingProcess jetty_;
  int code_ = -1;
};

TEST_F(FaultUndoTest, AFrozenUnitRunsAgainWithNothingElseAlive) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  actor_.reset();
  WithoutCluster();
  EXPECT_THAT(UndoOne(), HasSubstr("undone: frozen unit jetty9 (lease jettyfleet-op-1-fault) is as it was"));
  EXPECT_EQ(code_, 0);
  EXPECT_FALSE(IsFrozen());
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kLease)));
}

TEST_F(FaultUndoTest, Twice) {
  ASSERT_THAT(Execute(Partition()), IsDone());
  actor_.reset();
  WithoutCluster();
  EXPECT_THAT(UndoOne(), HasSubstr("undone: partition from 192.0.2.1 192.0.2.3 2001:db8::3"));
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(UndoOne(), HasSubstr("nothing to undo"));
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
}

TEST_F(FaultUndoTest, WhatCouldNotBeUndoneIsSaidAndTriedAgain) {
  ASSERT_THAT(Execute(Partition()), IsDone());
  actor_.reset();
  cluster_.Next("nft", FakeCluster::Exit(1, "", "Error: Could not process rule: Device or resource busy\n"));
  EXPECT_THAT(UndoOne(),
              HasSubstr("not undone: partition from 192.0.2.1 192.0.2.3 2001:db8::3 (lease "
                        "jettyfleet-op-1-fault): table inet jettyfleet-op-1-fault: nft: exit 1: Error: Could "
                        "not process rule: Device or resource busy"));
  EXPECT_EQ(code_, 1) << "so that systemd starts the unit again";
  EXPECT_TRUE(std::filesystem::exists(LeasePath(kLease)));
  UndoOne();
  EXPECT_EQ(code_, 0);
}

TEST_F(FaultUndoTest, ARecordThatLeadsElsewhereIsNotFollowed) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  actor_.reset();
  std::string record = Read(LeasePath(kLease));
  const std::size_t at = record.find("/system.slice");
  record.replace(at, 13, "/../../../tmp");
  WriteFile(LeasePath(kLease), record);
  EXPECT_THAT(UndoOne(), HasSubstr("names no service's control group"));
  EXPECT_EQ(code_, 1);
}

TEST_F(FaultUndoTest, AllUndoesFaultsAndTablesWithoutARecord) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  actor_.reset();
  cluster_.node.tables = {{"jettyfleet-lost", "rule in tcp dport 1 drop\n"}, {"filter", ""}};
  const std::string said = UndoAll();
  EXPECT_THAT(said, AllOf(HasSubstr("undone: frozen unit jetty9"),
                          HasSubstr("undone: table inet jettyfleet-lost of the packet filter"),
                          HasSubstr("nothing of ours is in force")));
  EXPECT_EQ(code_, 0);
  EXPECT_FALSE(IsFrozen());
  EXPECT_THAT(cluster_.node.tables, ElementsAre(testing::Pair("filter", "")));
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_THAT(UndoAll(), Not(HasSubstr("undone:")));
}

TEST_F(FaultUndoTest, AllSaysWhatItCouldNotUndo) {
  ASSERT_THAT(Execute(Partition()), IsDone());
  actor_.reset();
  const CommandResult busy = FakeCluster::Exit(1, "", "Error: Could not process rule: Device or resource busy\n");
  cluster_.Next("nft", busy);
  const std::string said = UndoAll();
  EXPECT_THAT(said, AllOf(HasSubstr("not undone: partition from"), Not(HasSubstr("nothing of ours"))));
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(cluster_.timers, SizeIs(1)) << "it keeps its timer";
  cluster_.Next("nft", FakeCluster::Exit(0));
  cluster_.Next("nft", busy);
  EXPECT_THAT(UndoAll(), HasSubstr("not undone: cannot see which tables are in force"));
  EXPECT_EQ(code_, 1);
}

TEST_F(FaultUndoTest, AllOnAHostWithoutNft) {
  cluster_.Uninstall("nft");
  EXPECT_THAT(UndoAll(), HasSubstr("nothing of ours is in force"));
  EXPECT_EQ(code_, 0);
}

TEST_F(FaultUndoTest, TheSweepAtBootUndoesWhatHasLostItsTimer) {
  ASSERT_THAT(Execute(Partition()), IsDone());
  EXPECT_THAT(Sweep(), Not(HasSubstr("undone")));
  EXPECT_THAT(cluster_.node.tables, SizeIs(1)) << "in force, with its timer";
  Reboot();
  WithoutCluster();
  // A container's network namespace, and the table in it, can outlive its boot.
  EXPECT_THAT(Sweep(),
              HasSubstr("undone: partition from 192.0.2.1 192.0.2.3 2001:db8::3 of lease jettyfleet-op-1-fault"));
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(cluster_.node.tables, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kLease)));
}

TEST_F(FaultUndoTest, TheSweepAfterARebootOfAFrozenUnit) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  Reboot();
  std::filesystem::remove_all(directory_ + "/unified");
  EXPECT_THAT(Sweep(), HasSubstr("undone: frozen unit jetty9 of lease"));
  EXPECT_EQ(code_, 0);
}

TEST_F(FaultUndoTest, TheAgentStandsInWhereATimerFailed) {
  RunUnit("jetty9", {jetty_.pid()}, true);
  ASSERT_THAT(Execute(Freeze()), IsDone());
  cluster_.timers.clear();
  WithoutCluster();
  // An action that ends shortly before the sweep is due leaves it due then.
  clock_.Advance(absl::Seconds(63) - absl::Milliseconds(5));
  ASSERT_THAT(Execute(Undo("jettyfleet-none")), IsDone());
  clock_.Advance(absl::Milliseconds(5));
  while (!LeaseIds().empty()) Turn();
  EXPECT_FALSE(IsFrozen());
}

}  // namespace
}  // namespace jettyfleet
