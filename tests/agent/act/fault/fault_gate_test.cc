#include <functional>

#include "tests/agent/act/fault/fault_fixture.h"
#include "tests/testing/agent/loopback_listener.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One of every kind, none of which may be done.
class FaultGateTest : public FaultFixture {
 protected:
  FaultGateTest() {
    RunUnit("jetty9", {jetty_.pid()}, true);
    // Beside it, what listens.
    WriteFile(directory_ + "/systemd" + kJetty + "/cgroup.procs", absl::StrCat(getpid(), "\n"));
    RunUnit("pacemaker", {execd_.pid()}, true);
    RunProgram(execd_.pid(), "/usr/lib/pacemaker/pacemaker-execd");
  }

  std::vector<v1::Action> OfUnits() {
    std::vector<v1::Action> all = {Stop(), Kill(), Blackhole(listener_.port())};
    return all;
  }
  std::vector<v1::Action> WithFencing() {
    return {Partition(), KillDaemon(v1::KillDaemon::DAEMON_EXECD), Fence("node-03")};
  }
  std::vector<v1::Action> All() {
    std::vector<v1::Action> all = OfUnits();
    for (const v1::Action& action : WithFencing()) all.push_back(action);
    return all;
  }

  void AllAreRefused(std::vector<v1::Action> actions, const std::string& why, bool in_transition = false) {
    for (const v1::Action& action : actions) {
      const v1::ActionResult result = Execute(action);
      EXPECT_THAT(result, IsRefused(why)) << action.ShortDebugString();
      EXPECT_EQ(result.in_transition(), in_transition) << action.ShortDebugString();
    }
    EXPECT_TRUE(jetty_.IsLeftAlone());
    EXPECT_TRUE(execd_.IsLeftAlone());
    EXPECT_THAT(cluster_.node.stopped, IsEmpty());
    EXPECT_THAT(cluster_.node.fenced, IsEmpty());
    EXPECT_THAT(cluster_.node.tables, IsEmpty());
    EXPECT_THAT(cluster_.timers, IsEmpty());
    EXPECT_THAT(LeaseIds(), IsEmpty());
  }

  SleepingProcess jetty_;
  SleepingProcess execd_;
  // Of every address, so that nobody else on this machine has its port at another.
  LoopbackListener listener_{AF_INET6};
};

TEST_F(FaultGateTest, Open) {
  for (const v1::Action& action : {Blackhole(listener_.port(), "jettyfleet-a"),
                                   Partition({"192.0.2.1"}, "jettyfleet-b"), Stop(), Fence("node-03")}) {
    EXPECT_THAT(Execute(action), IsDone()) << action.ShortDebugString();
    EXPECT_THAT(Execute(Undo("jettyfleet-a")), IsDone());
    EXPECT_THAT(Execute(Undo("jettyfleet-b")), IsDone());
  }
  EXPECT_THAT(cluster_.node.fenced, ElementsAre("node-03"));
}

TEST_F(FaultGateTest, NoQuorum) {
  cluster_.quorumtool_exit = 2;
  AllAreRefused(All(), "no quorum");
  cluster_.quorumtool_exit = 0;
  cluster_.dc_has_quorum = false;
  AllAreRefused(All(), "no quorum");
}

TEST_F(FaultGateTest, InTransition) {
  cluster_.controller_state = "S_TRANSITION_ENGINE";
  AllAreRefused(All(), "in transition", true);
  v1::Action stop = Stop();
  stop.set_also_in_transition(true);
  EXPECT_THAT(Execute(stop), IsDone());
  cluster_.quorumtool_exit = 2;
  v1::Action again = Stop();
  again.set_also_in_transition(true);
  EXPECT_THAT(Execute(again), IsRefused("no quorum"));
}

TEST_F(FaultGateTest, AnotherOperationHoldsTheLock) {
  v1::Action lock = NewAction();
  lock.set_operation_id("op-2");
  lock.mutable_acquire_lock()->set_holder("uuid-b");
  lock.mutable_acquire_lock()->mutable_duration()->set_seconds(60);
  ASSERT_THAT(Execute(lock), IsDone());
  AllAreRefused(All(), "op-2");
}

TEST_F(FaultGateTest, NoCluster) {
  cluster_.Uninstall("cibadmin");
  AllAreRefused(All(), "cannot read the CIB");
}

TEST_F(FaultGateTest, MaintenanceMode) {
  cluster_.Append("//cluster_property_set", R"(<nvpair id="m" name="maintenance-mode" value="true"/>)");
  AllAreRefused(All(), "maintenance mode");
}

TEST_F(FaultGateTest, AUnitThatIsNotTheClusters) {
  cluster_.Remove("//primitive[@id='jetty']");
  std::vector<v1::Action> all = OfUnits();
  AllAreRefused(all, "the cluster has no resource systemd:jetty9");
}

TEST_F(FaultGateTest, FencingThatDoesNotBringTheNodeBack) {
  cluster_.node.devices.clear();
  AllAreRefused(WithFencing(), "no fence device that is registered can reach");
  cluster_.node.devices = {{"node-02", 1}, {"node-03", 1}};
  cluster_.Append("//cluster_property_set", R"(<nvpair id="a" name="stonith-action" value="off"/>)");
  AllAreRefused(WithFencing(), "not reboot");
  cluster_.Remove("//nvpair[@id='a']");
  cluster_.Remove("//primitive[@class='stonith']");
  AllAreRefused(WithFencing(), "no fence device");
}

TEST_F(FaultGateTest, FencingThatCannotBeSeen) {
  cluster_.Uninstall("stonith_admin");
  AllAreRefused(WithFencing(), "cannot find out which fence devices are registered");
}

TEST_F(FaultGateTest, AHostThatDoesNotStartItsClusterAtBoot) {
  for (const char* unit : {"corosync.service", "pacemaker.service"}) {
    cluster_.node.units[unit].file_state = "disabled";
    AllAreRefused({Partition(), KillDaemon(v1::KillDaemon::DAEMON_EXECD)}, "does not start at boot");
    cluster_.node.units[unit].file_state = "enabled";
  }
  cluster_.Next("systemctl is-enabled", FakeCluster::Exit(1, "", "Failed to connect to bus: Connection refused\n"));
  AllAreRefused({Partition()}, "cannot see whether the cluster starts at boot");
}

TEST_F(FaultGateTest, TooLate) {
  std::vector<v1::Action> all = All();
  clock_.Advance(absl::Seconds(11));
  AllAreRefused(all, "too late");
}

TEST_F(FaultGateTest, QuorumIsAskedAfterAllElse) {
  ASSERT_THAT(Execute(Partition()), IsDone());
  std::vector<std::string> programs;
  for (const std::string& call : cluster_.calls) programs.push_back(call.substr(0, call.find(' ')));
  EXPECT_THAT(programs, ElementsAre("nft", "cibadmin", "stonith_admin", "systemctl", "crm_mon", "corosync-quorumtool",
                                    "crmadmin", "systemd-run", "nft", "nft"));
}

TEST_F(FaultGateTest, AFencedNode) {
  EXPECT_THAT(Execute(Fence("node-02")), IsRefused("node-02 is this host itself"));
  EXPECT_THAT(Execute(Fence("node-99")), IsRefused("the cluster has no node node-99"));
  cluster_.Next("stonith_admin --list=node-03",
                FakeCluster::Exit(0, "<pacemaker-result><list count=\"1\"/><status code=\"0\"/></pacemaker-result>"));
  cluster_.Next("stonith_admin --reboot=node-03",
                FakeCluster::Exit(124, "", "Request to fence (reboot) node-03 failed: Timer expired\n"));
  EXPECT_THAT(Execute(Fence("node-03")), IsFailed("exit 124: Request to fence (reboot) node-03 failed"));
  EXPECT_THAT(cluster_.calls, testing::Contains("stonith_admin --reboot=node-03 --tag=jettyfleet"));
}

TEST_F(FaultGateTest, AFencingThatIsUnderWayIsNotBegunAgain) {
  const v1::Action fence = Fence("node-03");
  cluster_.BeforeNext("stonith_admin --reboot=node-03", [&] { Restart(); });
  actor_->Execute(fence, [](v1::ActionResult) { ADD_FAILURE() << "its agent is dead"; });
  while (cluster_.node.fenced.empty()) Turn();
  EXPECT_THAT(Execute(fence), IsFailed("the agent ended while this was under way"));
  EXPECT_THAT(cluster_.node.fenced, ElementsAre("node-03"));
}

}  // namespace
}  // namespace jettyfleet
