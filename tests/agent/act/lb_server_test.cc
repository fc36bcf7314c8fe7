#include "absl/strings/match.h"
#include "agent/act/lb_state.h"
#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kLease[] = "jettyfleet-op-1-lb-node-01";
constexpr int kReady = 0;
constexpr int kMaint = 1;
constexpr int kDrain = 8;

class LbServerTest : public ActorFixture {
 protected:
  int State() const { return haproxy_->servers.at("node-01"); }
};

TEST_F(LbServerTest, DrainMaintReady) {
  const v1::ActionResult drained = Execute(Drain());
  EXPECT_THAT(drained, IsDone());
  EXPECT_EQ(FromProto(drained.lease_ends_at()), clock_.WallNow() + absl::Seconds(60));
  EXPECT_EQ(State(), kDrain);
  ASSERT_THAT(cluster_.timers, SizeIs(1));
  const std::string first_timer = cluster_.timers.begin()->first;
  EXPECT_EQ(first_timer, "jettyfleet-undo-op-1-lb-node-01-1763900060250");
  EXPECT_THAT(cluster_.timers.begin()->second,
              ElementsAre("/usr/bin/jettyfleet-agent", "--node=node-02", "--state=" + options_.state_dir,
                          "--haproxy-socket=" + options_.haproxy_socket, "undo", kLease));

  clock_.Advance(absl::Seconds(20));
  const v1::ActionResult in_maint = Execute(Maint());
  EXPECT_THAT(in_maint, IsDone());
  EXPECT_EQ(FromProto(in_maint.lease_ends_at()), clock_.WallNow() + absl::Seconds(60));
  EXPECT_EQ(State(), kMaint);
  ASSERT_THAT(cluster_.timers, SizeIs(1)) << "the renewed lease has one timer";
  EXPECT_NE(cluster_.timers.begin()->first, first_timer);
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
  EXPECT_EQ(actor_->Leases()[0].target(), "be_jetty/node-01");

  EXPECT_THAT(Execute(Ready()), IsDone());
  EXPECT_EQ(State(), kReady);
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(Execute(Ready()), IsDone());
}

TEST_F(LbServerTest, TheTimerIsAsItMustBe) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  for (const std::string& call : cluster_.calls) {
    if (!absl::StartsWith(call, "systemd-run")) continue;
    EXPECT_THAT(call, testing::HasSubstr("--on-active=60000ms"));
    // The same end as a time of day: a daemon-reload starts the count anew, and only this survives it.
    EXPECT_THAT(call, testing::ContainsRegex("--on-calendar=[0-9]+-[0-9][0-9]-[0-9][0-9] [0-9:.]+ UTC"));
    EXPECT_THAT(call, testing::HasSubstr("--timer-property=AccuracySec=100ms"));
    EXPECT_THAT(call, testing::HasSubstr("--property=Restart=on-failure"));
  }
}

TEST_F(LbServerTest, RecordThenTimerThenAct) {
  bool recorded = false;
  bool ready = false;
  cluster_.BeforeNext("systemd-run", [&] {
    recorded = std::filesystem::exists(LeasePath(kLease));
    ready = State() == kReady;
  });
  ASSERT_THAT(Execute(Drain()), IsDone());
  EXPECT_TRUE(recorded);
  EXPECT_TRUE(ready);
}

TEST_F(LbServerTest, WithoutRecordOrTimerNothingIsDone) {
  {
    std::filesystem::create_directories(LeasePath(kLease) + ".new");
    EXPECT_THAT(Execute(Drain()), IsRefused("cannot be recorded"));
    std::filesystem::remove(LeasePath(kLease) + ".new");
  }
  cluster_.Next("systemd-run", FakeCluster::Exit(1, "", "Failed to connect to bus: No such file or directory\n"));
  EXPECT_THAT(Execute(Drain()), IsRefused("Failed to connect to bus"));
  cluster_.Next("systemd-run", FakeCluster::Hang());
  EXPECT_THAT(Execute(Drain()), IsRefused("nothing was done"));
  EXPECT_EQ(State(), kReady);
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(LbServerTest, ARenewalThatCannotBeArmedKeepsTheLeaseInForce) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  const auto timers = cluster_.timers;
  clock_.Advance(absl::Seconds(20));
  cluster_.Next("systemd-run", FakeCluster::Exit(1, "", "no\n"));
  EXPECT_THAT(Execute(Maint()), IsRefused("nothing was done"));
  EXPECT_EQ(State(), kDrain);
  EXPECT_EQ(cluster_.timers, timers);
  EXPECT_EQ(FromProto(actor_->Leases()[0].ends_at()), clock_.WallNow() + absl::Seconds(40));
}

TEST_F(LbServerTest, ARenewalToTheSameEndKeepsItsTimer) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  const auto timers = cluster_.timers;
  // As systemd would answer to a second timer of the same name.
  cluster_.Next("systemd-run", FakeCluster::Exit(1, "", "Unit was already loaded\n"));
  EXPECT_THAT(Execute(Maint()), IsDone());
  EXPECT_EQ(State(), kMaint);
  EXPECT_EQ(cluster_.timers, timers);
  EXPECT_THAT(Execute(Ready()), IsDone());
  EXPECT_EQ(State(), kReady);
}

TEST_F(LbServerTest, AnOperatorsStateIsLeftAlone) {
  for (const int theirs : {kDrain, kMaint, 5 /* disabled in the configuration */}) {
    haproxy_->servers["node-01"] = theirs;
    EXPECT_THAT(Execute(Drain()), IsRefused("an operator has set be_jetty/node-01"));
    EXPECT_THAT(Execute(Ready()), IsRefused("an operator's, left alone"));
    EXPECT_EQ(State(), theirs);
  }
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(LbServerTest, AnOperatorsStateIsTakenOverOnlyWhenAskedTo) {
  haproxy_->servers["node-01"] = kMaint;
  v1::Action take_over = Ready();
  take_over.mutable_set_lb_server()->set_take_over(true);
  EXPECT_THAT(Execute(take_over), IsDone());
  EXPECT_EQ(State(), kReady);

  ASSERT_THAT(Execute(Drain()), IsDone());
  haproxy_->servers["node-01"] = kMaint;
  take_over = Server(v1::LbServerFact::ADMIN_STATE_READY, "jettyfleet-other");
  take_over.mutable_set_lb_server()->set_take_over(true);
  EXPECT_THAT(Execute(take_over), IsDone());
  EXPECT_EQ(State(), kReady);
  EXPECT_THAT(LeaseIds(), IsEmpty()) << "a lease of ours on it has nothing left to end";
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(LbServerTest, AnOperatorWhoStepsInDuringOurLeaseKeepsHisState) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  haproxy_->servers["node-01"] = kMaint;
  EXPECT_THAT(Execute(Maint()), IsRefused("an operator has set"));
  EXPECT_THAT(Execute(Ready()), IsRefused("never asked for"));
  EXPECT_EQ(State(), kMaint);
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
}

TEST_F(LbServerTest, LeaseIdsAndServersBelongTogether) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  EXPECT_THAT(Execute(Server(v1::LbServerFact::ADMIN_STATE_DRAIN, "jettyfleet-op-2-lb")),
              IsRefused("under another lease"));
  v1::Action other = Drain();
  other.mutable_set_lb_server()->set_server("node-02");
  EXPECT_THAT(Execute(other), IsRefused("used already, for be_jetty/node-01"));
  v1::Action ready = Ready();
  ready.mutable_set_lb_server()->set_server("node-02");
  EXPECT_THAT(Execute(ready), IsRefused("is for be_jetty/node-01"));
}

TEST_F(LbServerTest, AnEndedLeaseIsNotRenewed) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  clock_.Advance(absl::Seconds(60));
  EXPECT_THAT(Execute(Maint()), IsRefused("has ended"));
  EXPECT_EQ(State(), kDrain);
}

TEST_F(LbServerTest, UnknownServersAreRefused) {
  v1::Action action = Drain();
  action.mutable_set_lb_server()->set_server("node-09");
  EXPECT_THAT(Execute(action), IsRefused("no server node-09"));
  action = Drain();
  action.mutable_set_lb_server()->set_backend("be_other");
  EXPECT_THAT(Execute(action), IsRefused("no backend be_other"));
}

TEST_F(LbServerTest, WhatHaproxyWasToldIsReadBack) {
  haproxy_->ignores_set = true;
  EXPECT_THAT(Execute(Drain()), IsFailed("has it ready"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease)) << "what it did is unknown, so its end stays armed";
  EXPECT_THAT(cluster_.timers, SizeIs(1));
}

TEST_F(LbServerTest, AHaproxyThatIsDownRefusesTheActAndFailsTheUndo) {
  haproxy_->Down();
  EXPECT_THAT(Execute(Drain()), IsRefused("admin socket"));
  haproxy_->Up();
  ASSERT_THAT(Execute(Drain()), IsDone());
  haproxy_->Down();
  EXPECT_THAT(Execute(Ready()), IsFailed("admin socket"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
  EXPECT_THAT(cluster_.timers, SizeIs(1));
  haproxy_->Up();
  EXPECT_THAT(Execute(Ready()), IsDone());
}

TEST_F(LbServerTest, AServerThatIsGoneFromTheConfigurationIsUndone) {
  ASSERT_THAT(Execute(Drain()), IsDone());
  haproxy_->servers.erase("node-01");
  EXPECT_THAT(Execute(Ready()), IsDone());
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(LbServerTest, AHostWithoutHaproxyRefuses) {
  options_.haproxy_socket.clear();
  Restart();
  EXPECT_THAT(Execute(Drain()), IsRefused("no HAProxy admin socket"));
}

TEST(LbStateTest, Parse) {
  const std::string answer =
      "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_port\n"
      "3 be_jetty 1 node-01 127.0.0.1 0 8 5 10 8080\n3 be_jetty 2 node-02 127.0.0.1 2 0 1 1 80\n3 be_jetty 3 node-03 - "
      "0 9 1 1 80\n"
      "4 be_other 1 node-04 - 2 32 1 1 80\n4 be_other 5 node-05 - 2 4 1 1 80\n4 be_other 2 bad - 2 x 1 1 80\n4 "
      "be_other 3\n\n";
  EXPECT_EQ(ParseServerState(answer, "be_jetty", "node-01")->admin, v1::LbServerFact::ADMIN_STATE_DRAIN);
  EXPECT_EQ(ParseServerState(answer, "be_jetty", "node-02")->admin, v1::LbServerFact::ADMIN_STATE_READY);
  EXPECT_EQ(ParseServerState(answer, "be_jetty", "node-03")->admin, v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_EQ(ParseServerState(answer, "be_other", "node-04")->admin, v1::LbServerFact::ADMIN_STATE_READY)
      << "maintenance for want of a DNS answer is nobody's decision";
  EXPECT_EQ(ParseServerState(answer, "be_other", "node-05")->admin, v1::LbServerFact::ADMIN_STATE_READY)
      << "disabled in the configuration, and made ready since";
  const LbServerState state = *ParseServerState(answer, "be_jetty", "node-01");
  EXPECT_EQ(state.weight, 5u);
  EXPECT_EQ(state.configured_weight, 10u);
  EXPECT_EQ(state.address, "127.0.0.1");
  EXPECT_EQ(state.port, 8080u);
  EXPECT_EQ(ParseServerState(answer, "be_other", "node-01").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseServerState("Can't find backend.\n\n", "b", "s").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseServerState(answer, "be_other", "bad").status().code(), absl::StatusCode::kInvalidArgument);
  const std::string head = "1\n# be_name srv_name srv_addr srv_admin_state srv_uweight srv_iweight srv_port\nb s - 0 ";
  EXPECT_TRUE(ParseServerState(head + "256 0 65535\n", "b", "s").ok());
  for (const char* const numbers : {"257 1 80", "1 257 80", "1 1 65536", "-1 1 80"}) {
    EXPECT_EQ(ParseServerState(head + numbers + "\n", "b", "s").status().code(), absl::StatusCode::kInvalidArgument)
        << numbers;
  }
  for (const char* garbage : {"", "\n", "Permission denied\n\n", "2\n# a b\n", "1\n"}) {
    EXPECT_EQ(ParseServerState(garbage, "b", "s").status().code(), absl::StatusCode::kInvalidArgument) << garbage;
  }
}

}  // namespace
}  // namespace jettyfleet
