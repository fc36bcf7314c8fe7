#include "coordinator/route/shift_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/coordinator/route/route_world.h"
#include "tests/coordinator/route/shifting_view.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Feels what the test says.
class ScriptedProbe final : public TrafficProbe {
 public:
  explicit ScriptedProbe(v1::TrafficSummary felt) : felt_(std::move(felt)) {}
  absl::Status Start(const v1::TrafficDescription&) override { return absl::OkStatus(); }
  void EnterWindow(const std::string&) override {}
  void Stop() override { running_ = false; }
  TrafficView Snapshot() const override { return {running_, {{"", felt_}}}; }
  std::vector<v1::TrafficSecond> Seconds() const override { return {}; }

 private:
  const v1::TrafficSummary felt_;
  bool running_ = true;
};

class ShiftRunTest : public RouteRunTest {
 protected:
  ShiftRunTest() {
    view_ = ShiftingView();
    walk_.requests = walk_.counted = walk_.kept = 12;
    felt_.set_requests(500);
    for (auto& [name, host] : view_.load_balancers) {
      for (v1::LeaseFact& lease : *host.report.mutable_leases()) lease.set_id("jettyfleet-" + name);
    }
  }

  absl::Status Shift() {
    ShiftSeams seams;
    seams.walk = [this](WalkOrder order, std::function<void(WalkAnswer)> done) {
      walks_.push_back(order.urls);
      acts_at_walk_ = acts_.size();
      done(walk_);
    };
    seams.make_probe = [this] {
      ++probes_;
      return std::make_unique<ScriptedProbe>(felt_);
    };
    ShiftRun run(Onto03(), hands_, std::move(seams), now_);
    return Run(run);
  }
  v1::LbServerFact::AdminState State() { return ServerOn(&view_, "lb-01", "node-03").admin_state(); }

  WalkAnswer walk_;
  v1::TrafficSummary felt_;
  std::vector<std::vector<std::string>> walks_;
  std::size_t acts_at_walk_ = 0;
  int probes_ = 0;
};

TEST_F(ShiftRunTest, LowWeightFirstThenReadyThenUp) {
  const absl::Status ended = Shift();
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_THAT(acts_, ElementsAre("lb-01 node-03 weight 5", "lb-02 node-03 weight 5", "lb-01 node-03 ready",
                                 "lb-02 node-03 ready", "lb-01 node-03 weight 100", "lb-02 node-03 weight 100",
                                 "lb-01 node-03 configured weight 100", "lb-02 node-03 configured weight 100"));
  EXPECT_EQ(probes_, 2) << "new clients for each step";
  EXPECT_THAT(walks_, testing::UnorderedElementsAre(ElementsAre("http://lb-01:80/app/?x=1"),
                                                    ElementsAre("http://lb-02:80/app/?x=1")))
      << "affinity is tried through each load balancer";
  EXPECT_EQ(acts_at_walk_, 4u);
}

TEST_F(ShiftRunTest, SessionsThatAnyNodeServesAreTriedBeforeAnythingIsDone) {
  view_.description.mutable_resources(0)->mutable_sessions()->set_affinity(v1::SessionsDescription::AFFINITY_NONE);
  walk_.regressed = 3;
  const absl::Status ended = Shift();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("regressed 3 times"));
  EXPECT_THAT(walks_, ElementsAre(ElementsAre("http://10.0.0.1:8080/app/?x=1", "http://10.0.0.3:8080/app/?x=1")));
  EXPECT_THAT(acts_, IsEmpty());
  walk_.regressed = 0;
  walk_.moved = 11;
  LookEverywhere();
  EXPECT_TRUE(Shift().ok());
}

TEST_F(ShiftRunTest, AnAffinityThatDoesNotHoldTakesItBack) {
  walk_.moved = 1;
  const absl::Status ended = Shift();
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("was moved to another node"));
  EXPECT_EQ(State(), v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_EQ(ServerOn(&view_, "lb-02", "node-03").weight(), 100u);
}

TEST_F(ShiftRunTest, AnOverspentBudgetTakesItBackOnALease) {
  felt_.set_failures(1);
  const absl::Status ended = Shift();
  EXPECT_EQ(ended.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("1 requests failed, the budget is 0; node-03 out of service"));
  EXPECT_EQ(State(), v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_THAT(view_.load_balancers.at("lb-01").report.leases(), testing::SizeIs(1));
  EXPECT_THAT(acts_, testing::Not(testing::Contains("lb-01 node-03 weight 100")));
}

TEST_F(ShiftRunTest, NoTrafficIsNoProof) {
  felt_.set_requests(0);
  EXPECT_THAT(std::string(Shift().message()), HasSubstr("no request was sent"));
  EXPECT_EQ(State(), v1::LbServerFact::ADMIN_STATE_MAINT);
}

TEST_F(ShiftRunTest, ANodeThatDoesNotAnswerGetsNothing) {
  view_.nodes.at("node-03").report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  EXPECT_THAT(std::string(Shift().message()), HasSubstr("node-03 itself does not answer"));
  EXPECT_EQ(State(), v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_EQ(ServerOn(&view_, "lb-01", "node-03").weight(), 100u);
}

TEST_F(ShiftRunTest, ALoadBalancerThatRefusesTheWeightLeavesTheNodeAsItWas) {
  refusing_ = "lb-02";
  EXPECT_THAT(std::string(Shift().message()), HasSubstr("lb-02 app/node-03"));
  EXPECT_EQ(State(), v1::LbServerFact::ADMIN_STATE_MAINT);
  EXPECT_EQ(ServerOn(&view_, "lb-01", "node-03").weight(), 100u);
}

}  // namespace
}  // namespace jettyfleet
