#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kLease[] = "jettyfleet-op-1-weight-0";

class LbWeightTest : public ActorFixture {
 protected:
  unsigned Weight() const { return haproxy_->settings.at("node-01").weight; }

  v1::Action SetWeight(v1::SetLbWeight::Mode mode, uint32_t weight = 0, const std::string& lease = kLease) {
    v1::Action action = NewAction();
    v1::SetLbWeight& act = *action.mutable_set_lb_weight();
    act.set_backend("be_jetty");
    act.set_server("node-01");
    act.set_mode(mode);
    act.set_weight(weight);
    act.set_lease_id(lease);
    if (mode == v1::SetLbWeight::MODE_LEASED) act.mutable_duration()->set_seconds(60);
    return action;
  }
  v1::Action Leased(uint32_t weight) { return SetWeight(v1::SetLbWeight::MODE_LEASED, weight); }
  v1::Action Back() { return SetWeight(v1::SetLbWeight::MODE_BACK); }
  v1::Action Configured() { return SetWeight(v1::SetLbWeight::MODE_CONFIGURED); }
};

TEST_F(LbWeightTest, UpInStepsOnOneLeaseAndBackToWhatWasBefore) {
  haproxy_->settings["node-01"].weight = 1;
  for (const uint32_t weight : {3u, 5u}) {
    EXPECT_THAT(Execute(Leased(weight)), IsDone());
    EXPECT_EQ(Weight(), weight);
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
  EXPECT_EQ(actor_->Leases()[0].kind(), "lb-weight");
  EXPECT_THAT(cluster_.timers, SizeIs(1));
  EXPECT_THAT(Execute(Back()), IsDone());
  EXPECT_EQ(Weight(), 1u);
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
  EXPECT_THAT(Execute(Back()), IsDone());
}

TEST_F(LbWeightTest, TheConfiguredWeightStaysAndEndsTheLease) {
  ASSERT_THAT(Execute(Leased(3)), IsDone());
  EXPECT_THAT(Execute(Configured()), IsDone());
  EXPECT_EQ(Weight(), 10u);
  EXPECT_THAT(LeaseIds(), IsEmpty());
  EXPECT_THAT(cluster_.timers, IsEmpty());
  haproxy_->settings["node-01"].weight = 7;  // nobody's lease
  EXPECT_THAT(Execute(SetWeight(v1::SetLbWeight::MODE_CONFIGURED, 0, "")), IsDone());
  EXPECT_EQ(Weight(), 10u);
}

TEST_F(LbWeightTest, TheTimersOneShotGivesItBackWithEverythingElseDead) {
  ASSERT_THAT(Execute(Leased(3)), IsDone());
  actor_.reset();
  int code = -1;
  EXPECT_THAT(Say([](OneShot& shot) { return shot.UndoOne(kLease); }, &code), HasSubstr("is as it was"));
  EXPECT_EQ(code, 0);
  EXPECT_EQ(Weight(), 10u);
  Restart();
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(LbWeightTest, TheSweepGivesBackWhatHasEnded) {
  ASSERT_THAT(Execute(Leased(3)), IsDone());
  clock_.Advance(absl::Minutes(5));
  int code = -1;
  Say([](OneShot& shot) { return shot.Sweep(); }, &code);
  EXPECT_EQ(Weight(), 10u);
}

TEST_F(LbWeightTest, SomebodyElsesWeightIsLeftAlone) {
  ASSERT_THAT(Execute(Leased(3)), IsDone());
  haproxy_->settings["node-01"].weight = 8;
  EXPECT_THAT(Execute(Leased(5)), IsRefused("somebody else has given be_jetty/node-01 weight 8"));
  EXPECT_THAT(Execute(Configured()), IsRefused("somebody else"));
  EXPECT_THAT(Execute(Back()), IsRefused("never asked for"));
  EXPECT_EQ(Weight(), 8u);
  EXPECT_THAT(LeaseIds(), IsEmpty());
}

TEST_F(LbWeightTest, OneLeaseAtATime) {
  ASSERT_THAT(Execute(Leased(3)), IsDone());
  EXPECT_THAT(Execute(SetWeight(v1::SetLbWeight::MODE_LEASED, 4, "jettyfleet-op-2-weight-0")),
              IsRefused("under another lease"));
  EXPECT_THAT(Execute(SetWeight(v1::SetLbWeight::MODE_CONFIGURED, 0, "")), IsRefused("under another lease"));
  clock_.Advance(absl::Seconds(60));
  EXPECT_THAT(Execute(Leased(4)), IsRefused("has ended"));
  EXPECT_EQ(Weight(), 3u);
}

TEST_F(LbWeightTest, AStateAndAWeightHaveLeasesOfTheirOwn) {
  ASSERT_THAT(Execute(Leased(3)), IsDone());
  ASSERT_THAT(Execute(Drain()), IsDone());
  EXPECT_THAT(LeaseIds(), SizeIs(2));
  EXPECT_THAT(Execute(Ready()), IsDone());
  EXPECT_EQ(Weight(), 3u);
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease));
}

TEST_F(LbWeightTest, WhatHaproxyWasToldIsReadBack) {
  haproxy_->settings["node-01"];
  haproxy_->ignores_set = true;
  EXPECT_THAT(Execute(Leased(3)), IsFailed("weight 3 and it has 10"));
  EXPECT_THAT(LeaseIds(), ElementsAre(kLease)) << "what it did is unknown, so its end stays armed";
}

TEST_F(LbWeightTest, WithoutATimerNothingIsDone) {
  haproxy_->settings["node-01"];
  cluster_.Next("systemd-run", FakeCluster::Exit(1, "", "no\n"));
  EXPECT_THAT(Execute(Leased(3)), IsRefused("nothing was done"));
  EXPECT_EQ(Weight(), 10u);
}

TEST_F(LbWeightTest, TheAddressIsSetAndReadBack) {
  v1::Action action = NewAction();
  v1::SetLbAddress& act = *action.mutable_set_lb_address();
  act.set_backend("be_jetty");
  act.set_server("node-01");
  act.set_address("10.9.0.7");
  act.set_port(8081);
  EXPECT_THAT(Execute(action), IsDone());
  EXPECT_EQ(haproxy_->settings["node-01"].address, "10.9.0.7");
  EXPECT_EQ(haproxy_->settings["node-01"].port, 8081u);
  const std::size_t commands = haproxy_->commands.size();
  action.set_id("again");
  EXPECT_THAT(Execute(action), IsDone());
  EXPECT_EQ(haproxy_->commands.size(), commands + 1) << "it was only looked at";
  haproxy_->ignores_set = true;
  action.set_id("other");
  action.mutable_set_lb_address()->set_address("10.9.0.8");
  EXPECT_THAT(Execute(action), IsFailed("has 10.9.0.7 port 8081"));
}

}  // namespace
}  // namespace jettyfleet
