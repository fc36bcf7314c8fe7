#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kCibLease[] = "jettyfleet-op-1-node-01";
constexpr char kServerLease[] = "jettyfleet-op-1-lb-node-01";

class UndoTest : public ActorFixture {
 protected:
  std::string UndoOne(const std::string& lease) {
    return Say([&](OneShot& shot) { return shot.UndoOne(lease); }, &code_);
  }
  std::string UndoAll() {
    return Say([](OneShot& shot) { return shot.UndoAll(); }, &code_);
  }
  std::string Sweep() {
    return Say([](OneShot& shot) { return shot.Sweep(); }, &code_);
  }
  // The host was rebooted: timers are gone, and the records are of another boot.
  void Reboot() {
    actor_.reset();
    cluster_.timers.clear();
    for (const auto& file : std::filesystem::directory_iterator(options_.state_dir + "/leases")) {
      std::stringstream text;
      text << std::ifstream(file.path()).rdbuf();
      std::string record = text.str();
      const std::size_t at = record.find("\"bootId\": \"") + 11;
      record.replace(at, record.find('"', at) - at, "an-earlier-boot");
      WriteFile(file.path().string(), record);
    }
  }
  bool AnythingOfOurs() const { return cluster_.Has("//*[starts-with(@id, 'jettyfleet-')]"); }
  void TakeLock() {
    v1::Action action = NewAction();
    action.mutable_acquire_lock()->set_holder("uuid-a");
    action.mutable_acquire_lock()->mutable_duration()->set_seconds(60);
    ASSERT_THAT(Execute(action), IsDone());
  }

  int code_ = -1;
};

TEST_F(UndoTest, AServersLeaseEndsAsItsTimerEndsIt) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  actor_.reset();  // killed for good
  EXPECT_THAT(UndoOne(kServerLease), HasSubstr("undone: server be_jetty/node-01"));
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kServerLease)));
  EXPECT_THAT(UndoOne(kServerLease), HasSubstr("nothing to undo"));
  EXPECT_EQ(code_, 0);
}

TEST_F(UndoTest, AHaproxyThatIsDownIsTriedAgain) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  haproxy_->Down();
  EXPECT_THAT(UndoOne(kServerLease), HasSubstr("not undone: server be_jetty/node-01"));
  EXPECT_EQ(code_, 1) << "so that systemd starts the unit again";
  EXPECT_TRUE(std::filesystem::exists(LeasePath(kServerLease)));
  haproxy_->Up();  // with its state file's drain
  UndoOne(kServerLease);
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
}

TEST_F(UndoTest, UndoWorksOnAFullDisk) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  ASSERT_THAT(Execute(Evict()), IsDone());
  {
    const FullDisk full;
    UndoOne(kServerLease);
    EXPECT_EQ(code_, 0);
    UndoAll();
    EXPECT_EQ(code_, 0);
  }
  EXPECT_FALSE(AnythingOfOurs());
}

TEST_F(UndoTest, ACibLeaseIsUndoneOnAnyNode) {
  ASSERT_THAT(Execute(Standby()), IsDone());
  options_.state_dir = directory_ + "/another-node";
  EXPECT_THAT(UndoOne(kCibLease), HasSubstr("undone: lease jettyfleet-op-1-node-01"));
  EXPECT_EQ(code_, 0);
  EXPECT_FALSE(AnythingOfOurs());
}

TEST_F(UndoTest, WithoutQuorumTheCibWaits) {
  ASSERT_THAT(Execute(Standby()), IsDone());
  TakeLock();
  ASSERT_THAT(Execute(Drain()), IsDone());
  cluster_.quorumtool_exit = 2;
  EXPECT_THAT(UndoOne(kCibLease), HasSubstr("no quorum"));
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(UndoAll(), AllOf(HasSubstr("undone: server be_jetty/node-01"), HasSubstr("not undone: no quorum")));
  EXPECT_EQ(code_, 1);
  EXPECT_TRUE(cluster_.Has("//instance_attributes[@id='jettyfleet-op-1-node-01']"));
  EXPECT_TRUE(cluster_.Has("//cluster_property_set[@id='jettyfleet-lock']"));
}

TEST_F(UndoTest, WrongArguments) {
  for (const char* wrong : {"", "jetty", "jettyfleet-", "jettyfleet-lock", "jettyfleet-../../x", "jettyfleet-A"}) {
    UndoOne(wrong);
    EXPECT_EQ(code_, 2) << wrong;
  }
}

TEST_F(UndoTest, AllIsAllOfOursAndNothingElse) {
  TakeLock();
  ASSERT_THAT(Execute(Evict("jettyfleet-op-1-a")), IsDone());
  ASSERT_THAT(Execute(Standby("jettyfleet-op-1-b")), IsDone());
  ASSERT_THAT(Execute(Drain()), IsDone());
  cluster_.timers["jettyfleet-undo-left-over-1"] = {};
  cluster_.timers["logrotate"] = {};
  // Of another agent, on another node.
  cluster_.Append("//constraints", R"(<rsc_location id="jettyfleet-op-0-node-03" rsc="jetty-clone"/>)");
  cluster_.Append("//constraints", R"(<rsc_location id="cli-ban-jetty-clone-on-node-03" rsc="jetty-clone"/>)");
  cluster_.Append(
      "//node[@id='3']",
      R"(<instance_attributes id="nodes-3"><nvpair id="n" name="standby" value="on"/></instance_attributes>)");
  haproxy_->servers["node-03"] = 1;
  const std::string said = UndoAll();
  EXPECT_EQ(code_, 0) << said;
  for (const char* line :
       {"undone: server be_jetty/node-01", "undone: location rule jettyfleet-op-1-a on node node-01",
        "undone: standby set jettyfleet-op-1-b on node node-01", "undone: location rule jettyfleet-op-0-node-03",
        "undone: the lock of operation 'op-1'", "nothing of ours is in force"}) {
    EXPECT_THAT(said, HasSubstr(line));
  }
  EXPECT_FALSE(AnythingOfOurs());
  EXPECT_TRUE(cluster_.Has("//rsc_location[@id='cli-ban-jetty-clone-on-node-03']"));
  EXPECT_TRUE(cluster_.Has("//instance_attributes[@id='nodes-3']"));
  EXPECT_EQ(haproxy_->servers["node-03"], 1);
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
  EXPECT_THAT(cluster_.timers, SizeIs(1));
  EXPECT_TRUE(std::filesystem::is_empty(options_.state_dir + "/leases"));
  EXPECT_THAT(UndoAll(), Not(HasSubstr("undone:")));
  EXPECT_EQ(code_, 0);
}

TEST_F(UndoTest, AllOnALoadBalancerNeedsNoCluster) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  for (const char* program : {"cibadmin", "crm_mon", "corosync-quorumtool", "pcs"}) cluster_.Uninstall(program);
  EXPECT_THAT(UndoAll(), HasSubstr("nothing of ours is in force"));
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(UndoOne("jettyfleet-unknown"), HasSubstr("nothing to undo"));
  EXPECT_EQ(code_, 0);
}

TEST_F(UndoTest, PacemakersToolsDoNotMakeALoadBalancerANode) {
  const CommandResult not_connected =
      FakeCluster::Exit(102, "", "Init failed, could not perform requested operations\n");
  cluster_.Next("cibadmin", not_connected);
  EXPECT_THAT(UndoAll(), HasSubstr("nothing of ours is in force"));
  EXPECT_EQ(code_, 0);
  options_.haproxy_socket.clear();
  cluster_.Next("cibadmin", not_connected);
  EXPECT_THAT(UndoAll(), HasSubstr("not undone: cannot read the CIB"));
  EXPECT_EQ(code_, 1) << "a node whose cluster is down";
}

TEST_F(UndoTest, AllWithoutAStateDirectory) {
  actor_.reset();
  std::filesystem::remove_all(options_.state_dir);
  UndoAll();
  EXPECT_EQ(code_, 0);
  EXPECT_FALSE(std::filesystem::exists(options_.state_dir)) << "undo needs to write nothing";
}

TEST_F(UndoTest, AllKeepsTheTimerOfWhatItCouldNotUndo) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  haproxy_->Down();
  UndoAll();
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(cluster_.timers, SizeIs(1));
}

TEST_F(UndoTest, ADamagedRecordIsNamedAndTheOthersAreUndone) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  ASSERT_THAT(Execute(Evict()), IsDone());
  WriteFile(LeasePath("jettyfleet-damaged"), "{");
  const std::string said = UndoAll();
  EXPECT_EQ(code_, 1);
  EXPECT_THAT(said, AllOf(HasSubstr("jettyfleet-damaged.json is damaged"), HasSubstr("undone: server")));
  EXPECT_FALSE(AnythingOfOurs());
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
  UndoOne("jettyfleet-damaged");
  EXPECT_EQ(code_, 1);
}

TEST_F(UndoTest, ACibThatKeepsItsElementIsSaid) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  cluster_.Next("cibadmin --delete", FakeCluster::Exit(0));
  EXPECT_THAT(UndoAll(), HasSubstr("it is still in the CIB"));
  EXPECT_EQ(code_, 1);
  EXPECT_TRUE(std::filesystem::exists(LeasePath(kCibLease)));
}

TEST_F(UndoTest, SweepLeavesWhatIsInForce) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  ASSERT_THAT(Execute(Evict()), IsDone());
  TakeLock();
  EXPECT_THAT(Sweep(), IsEmpty());
  EXPECT_EQ(code_, 0);
  EXPECT_EQ(haproxy_->servers["node-01"], 8);
  EXPECT_TRUE(cluster_.Has("//rsc_location"));
}

TEST_F(UndoTest, SweepAfterARebootUndoesWhatLostItsTimer) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  ASSERT_THAT(Execute(Evict()), IsDone());
  Reboot();
  const std::string said = Sweep();
  EXPECT_EQ(code_, 0) << said;
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
  EXPECT_TRUE(cluster_.Has("//rsc_location")) << "its end is in the CIB, which a reboot does not touch";
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kServerLease)));
  EXPECT_TRUE(std::filesystem::exists(LeasePath(kCibLease)));
}

TEST_F(UndoTest, SweepRemovesWhatHasEnded) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  ASSERT_THAT(Execute(Evict("jettyfleet-a")), IsDone());
  ASSERT_THAT(Execute(Standby("jettyfleet-b")), IsDone());
  TakeLock();
  ASSERT_THAT(Execute(Evict("jettyfleet-c", 600)), IsDone());
  clock_.Advance(absl::Seconds(61));
  const std::string said = Sweep();
  EXPECT_EQ(code_, 0) << said;
  EXPECT_EQ(haproxy_->servers["node-01"], 0);
  EXPECT_FALSE(cluster_.Has("//instance_attributes"));
  EXPECT_FALSE(cluster_.Has("//cluster_property_set[@id='jettyfleet-lock']"));
  EXPECT_FALSE(cluster_.Has("//rsc_location[@id='jettyfleet-a']"));
  EXPECT_TRUE(cluster_.Has("//rsc_location[@id='jettyfleet-c']"));
  EXPECT_TRUE(std::filesystem::exists(LeasePath("jettyfleet-c")));
  EXPECT_FALSE(std::filesystem::exists(LeasePath("jettyfleet-a")));
}

TEST_F(UndoTest, SweepRemovesWhatACheckHasLeft) {
  constexpr char kProgram[] = "/usr/bin/jettyfleet-inspect";
  WriteFile(options_.state_dir + "/markers/jettyfleet-marker-1.json", "{}");
  cluster_.Next(kProgram, FakeCluster::Exit(0, "removed jettyfleet-marker-1\n"));
  EXPECT_THAT(Sweep(), HasSubstr("marker of a check jettyfleet-marker-1"));
  EXPECT_EQ(code_, 0);
  cluster_.Next(kProgram, FakeCluster::Exit(1, "", "jettyfleet-inspect: it stays\n"));
  EXPECT_THAT(Sweep(), HasSubstr("left for the agent: markers of a check are left"));
  EXPECT_EQ(code_, 0) << "nothing is out of service by it";
}

TEST_F(UndoTest, SweepLeavesTheClusterToTheAgentWhereItIsNotThereYet) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  clock_.Advance(absl::Seconds(61));
  cluster_.dc_present = false;
  EXPECT_THAT(Sweep(), HasSubstr("left for the agent: no quorum"));
  EXPECT_EQ(code_, 0);
  EXPECT_TRUE(cluster_.Has("//rsc_location"));
  EXPECT_TRUE(std::filesystem::exists(LeasePath(kCibLease)));
}

TEST_F(UndoTest, SweepKeepsALeaseThatIsArmedAnewMeanwhile) {
  ASSERT_THAT(Execute(Evict()), IsDone());
  clock_.Advance(absl::Seconds(61));
  cluster_.BeforeNext("cibadmin --delete", [this] {
    cluster_.Remove("//date_expression");
    cluster_.Append("//rsc_location/rule", R"(<date_expression id="d" operation="lt" end="2025-11-23T13:00:00Z"/>)");
  });
  Sweep();
  EXPECT_EQ(code_, 0);
  EXPECT_TRUE(cluster_.Has("//rsc_location"));
}

TEST_F(UndoTest, SweepForgetsWhatWasUndoneOnAnotherNode) {
  ASSERT_THAT(Execute(Evict(kCibLease, 3600)), IsDone());
  cluster_.Remove("//rsc_location");
  clock_.Advance(absl::Seconds(59));
  EXPECT_THAT(Sweep(), IsEmpty()) << "its act could still be under way";
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Sweep(), HasSubstr("not in the CIB"));
  EXPECT_FALSE(std::filesystem::exists(LeasePath(kCibLease)));
}

TEST_F(UndoTest, SweepWithHaproxyDownIsTriedAgain) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  Reboot();
  haproxy_->Down();
  EXPECT_THAT(Sweep(), HasSubstr("not undone"));
  EXPECT_EQ(code_, 1);
}

}  // namespace
}  // namespace jettyfleet
