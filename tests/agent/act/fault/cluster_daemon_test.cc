#include "agent/act/fault/cluster_daemon.h"

#include "tests/agent/act/fault/fault_fixture.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ClusterDaemonTest : public FaultFixture {
 protected:
  void RunPacemaker() {
    RunUnit("pacemaker", {pacemakerd_.pid(), based_.pid(), helper_.pid()}, true);
    RunProgram(pacemakerd_.pid(), "/usr/sbin/pacemakerd");
    RunProgram(based_.pid(), "/usr/lib/pacemaker/pacemaker-based");
    RunProgram(helper_.pid(), "/tmp/pacemaker-based");
  }
  bool AllLeftAlone() { return pacemakerd_.IsLeftAlone() && based_.IsLeftAlone() && helper_.IsLeftAlone(); }

  SleepingProcess pacemakerd_;
  SleepingProcess based_;
  SleepingProcess helper_;  // has the name, and is another program
};

TEST_F(ClusterDaemonTest, EachHasItsProgram) {
  const struct {
    v1::KillDaemon::Daemon daemon;
    const char* program;
  } cases[] = {
      {v1::KillDaemon::DAEMON_BASED, "/usr/lib/pacemaker/pacemaker-based"},
      {v1::KillDaemon::DAEMON_CONTROLD, "/usr/lib/pacemaker/pacemaker-controld"},
      {v1::KillDaemon::DAEMON_EXECD, "/usr/lib/pacemaker/pacemaker-execd"},
      {v1::KillDaemon::DAEMON_ATTRD, "/usr/libexec/pacemaker/pacemaker-attrd"},
      {v1::KillDaemon::DAEMON_FENCED, "/usr/lib/pacemaker/pacemaker-fenced (deleted)"},
      {v1::KillDaemon::DAEMON_SCHEDULERD, "/usr/lib/pacemaker/pacemaker-schedulerd"},
      {v1::KillDaemon::DAEMON_COROSYNC, "/usr/sbin/corosync"},
  };
  for (const auto& test : cases) {
    RunProgram(4711, test.program);
    for (const auto& other : cases) {
      EXPECT_EQ(RunsDaemon(options_.paths, 4711, DaemonName(other.daemon)), other.daemon == test.daemon)
          << test.program << " as " << DaemonName(other.daemon);
    }
  }
  EXPECT_EQ(DaemonName(v1::KillDaemon::DAEMON_UNSPECIFIED), "");
  EXPECT_FALSE(RunsDaemon(options_.paths, 4712, "corosync")) << "no such process";
}

TEST_F(ClusterDaemonTest, KillsJustThatOne) {
  RunPacemaker();
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_BASED)), IsDone());
  EXPECT_TRUE(based_.AwaitKilled());
  EXPECT_TRUE(pacemakerd_.IsLeftAlone());
  EXPECT_TRUE(helper_.IsLeftAlone());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(ClusterDaemonTest, CorosyncIsAServiceOfItsOwn) {
  SleepingProcess corosync;
  RunUnit("corosync", {corosync.pid()}, true);
  RunProgram(corosync.pid(), "/usr/sbin/corosync");
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_COROSYNC)), IsDone());
  EXPECT_TRUE(corosync.AwaitKilled());
}

TEST_F(ClusterDaemonTest, NeverByItsNameAlone) {
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_BASED)), IsRefused("pacemaker.service is inactive"));
  RunPacemaker();
  RunProgram(based_.pid(), "/usr/bin/python3");
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_BASED)), IsRefused("no process of pacemaker-based"));
  // It runs the program, in a group of its own.
  RunUnit("pacemaker", {pacemakerd_.pid()}, true);
  RunProgram(based_.pid(), "/usr/lib/pacemaker/pacemaker-based");
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_BASED)), IsRefused("no process of pacemaker-based"));
  RunUnit("pacemaker", {pacemakerd_.pid(), based_.pid(), helper_.pid()}, true);
  RunProgram(helper_.pid(), "/usr/lib/pacemaker/pacemaker-based");
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_BASED)), IsRefused("2 processes of pacemaker-based"));
  EXPECT_TRUE(AllLeftAlone());
}

TEST_F(ClusterDaemonTest, AnotherProgramByTheTimeOfTheAct) {
  RunPacemaker();
  cluster_.BeforeNext("crmadmin", [&] { RunProgram(based_.pid(), "/usr/bin/python3"); });
  EXPECT_THAT(Execute(KillDaemon(v1::KillDaemon::DAEMON_BASED)), IsFailed("that number is another's now"));
  EXPECT_TRUE(AllLeftAlone());
}

}  // namespace
}  // namespace jettyfleet
