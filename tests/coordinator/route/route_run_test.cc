// Drain, restore and apply against two scripted load balancers, an act at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/coordinator/route/route_world.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RouteRunTest, DrainThenMaintOnEveryLoadBalancer) {
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(acts_,
              ElementsAre("lb-01 node-01 drain", "lb-02 node-01 drain", "lb-01 node-01 maint", "lb-02 node-01 maint"));
  ASSERT_THAT(view_.load_balancers.at("lb-01").report.leases(), SizeIs(1));
  EXPECT_LE(FromProto(view_.load_balancers.at("lb-01").report.leases(0).ends_at()), Noon() + absl::Minutes(5));
  ASSERT_THAT(journal_.kept, testing::Not(IsEmpty()));
  EXPECT_EQ(journal_.kept[0].who(), "somebody");
  EXPECT_EQ(journal_.kept[0].why(), "because");
}

TEST_F(RouteRunTest, MaintWaitsForSessionsUntilTheDeadline) {
  ServerOn(&view_, "lb-02", "node-01").set_current_sessions(2);
  absl::Time maint_at;
  during_ = [&] {
    if (acts_.size() == 3 && maint_at == absl::Time()) maint_at = now_;
    if (acts_.size() == 4) ServerOn(&view_, "lb-02", "node-01").set_current_sessions(0);
  };
  EXPECT_TRUE(Drain().ok());
  EXPECT_GE(maint_at, Noon() + absl::Seconds(10));
  EXPECT_LE(maint_at, Noon() + absl::Seconds(12));
}

TEST_F(RouteRunTest, SessionsThatStayAreSaid) {
  ServerOn(&view_, "lb-02", "node-01").set_current_sessions(2);
  const absl::Status ended = Drain();
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("2 sessions are still open"));
}

TEST_F(RouteRunTest, ALoadBalancerThatRefusesLeavesNothingDrained) {
  for (std::string* const trouble : {&refusing_, &unreachable_}) {
    acts_.clear();
    *trouble = "lb-02";
    const absl::Status ended = Drain();
    EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition) << ended;
    EXPECT_THAT(std::string(ended.message()), HasSubstr("lb-02 app/node-01"));
    EXPECT_EQ(acts_.front(), "lb-01 node-01 drain");
    EXPECT_EQ(ServerOn(&view_, "lb-01", "node-01").admin_state(), v1::LbServerFact::ADMIN_STATE_READY);
    EXPECT_THAT(view_.load_balancers.at("lb-01").report.leases(), IsEmpty());
    trouble->clear();
    LookEverywhere();
  }
}

TEST_F(RouteRunTest, ASecondDrainKeepsTheNodeOutForLonger) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  now_ += absl::Minutes(1);
  LookEverywhere();
  EXPECT_TRUE(Drain().ok());
  EXPECT_THAT(acts_, testing::Each(testing::EndsWith("maint"))) << "back to drain would let clients in again";
  EXPECT_THAT(view_.load_balancers.at("lb-01").report.leases(), SizeIs(1));
}

TEST_F(RouteRunTest, AnotherNodeWouldLeaveTooFew) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  LookEverywhere();
  EXPECT_EQ(Drain("node-02").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, WithoutARecordNothingIsDone) {
  journal_.full = true;
  EXPECT_FALSE(Drain().ok());
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, BackOnlyAfterTheNodeAnswersAndTheCheckHasPassedSince) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  LookEverywhere();
  view_.nodes.at("node-01").report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  check_passes_ = false;
  const absl::Time began = now_;
  absl::Time checked_at;
  during_ = [&] {
    if (now_ < began + absl::Seconds(5)) {
      EXPECT_THAT(acts_, IsEmpty()) << "the node does not answer yet";
    } else {
      view_.nodes.at("node-01").report.mutable_http(0)->set_healthy(v1::ANSWER_YES);
    }
    if (now_ > began + absl::Seconds(12) && checked_at == absl::Time()) {
      checked_at = now_;
      for (const char* lb : {"lb-01", "lb-02"}) ServerOn(&view_, lb, "node-01").set_check_status("L7OK");
    }
  };
  EXPECT_TRUE(Restore().ok());
  EXPECT_THAT(acts_, ElementsAre("lb-01 node-01 ready", "lb-02 node-01 ready"));
  EXPECT_GE(now_, checked_at);
  EXPECT_NE(checked_at, absl::Time());
}

TEST_F(RouteRunTest, ANodeThatDoesNotAnswerStaysOut) {
  ASSERT_TRUE(Drain().ok());
  acts_.clear();
  LookEverywhere();
  view_.nodes.at("node-01").report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  EXPECT_EQ(Restore().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, ACheckThatDoesNotPassIsNotDone) {
  ASSERT_TRUE(Drain().ok());
  LookEverywhere();
  check_passes_ = false;
  EXPECT_EQ(Restore().code(), absl::StatusCode::kInternal);
}

TEST_F(RouteRunTest, SomebodyElsesDrainIsNotRestored) {
  ServerOn(&view_, "lb-02", "node-01").set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
  const absl::Status ended = Restore();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("--take-over"));
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, RestoringWhatIsReadyChangesNothing) {
  EXPECT_TRUE(Restore().ok());
  EXPECT_THAT(acts_, IsEmpty());
}

TEST_F(RouteRunTest, ApplyTwiceChangesOnce) {
  ServerOn(&view_, "lb-01", "node-01").set_weight(5);
  ServerOn(&view_, "lb-02", "node-02").set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_TRUE(Apply(true).ok());
  EXPECT_THAT(acts_, ElementsAre("lb-01 node-01 configured weight 100", "lb-02 node-02 ready"));
  acts_.clear();
  said_.clear();
  LookEverywhere();
  EXPECT_TRUE(Apply(true).ok());
  EXPECT_THAT(acts_, IsEmpty());
  EXPECT_THAT(said_, ElementsAre("load balancers as described STATE_UNCHANGED"));
}

TEST_F(RouteRunTest, ApplySaysWhatItLeavesAlone) {
  ServerOn(&view_, "lb-02", "node-02").set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  const absl::Status ended = Apply();
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("1 server is left as"));
  EXPECT_THAT(said_, ElementsAre("lb-02 app/node-02 STATE_FAILED"));
}

TEST_F(RouteRunTest, ApplyDoesNotCallDoneWhatDidNotTake) {
  ServerOn(&view_, "lb-01", "node-01").set_weight(5);
  ignores_ = true;
  EXPECT_THAT(std::string(Apply().message()), HasSubstr("is to be done again"));
}

}  // namespace
}  // namespace jettyfleet
