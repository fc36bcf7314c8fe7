#include "coordinator/route/reconcile_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/route/routed_view.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Steps(const ReconcilePlan& plan) {
  std::vector<std::string> steps;
  for (const RouteStep& step : plan.steps) steps.push_back(step.what);
  return steps;
}

// "?" before what should not be so.
std::string Remarks(const ReconcilePlan& plan) {
  std::string lines;
  for (const RouteRemark& remark : plan.remarks) {
    absl::StrAppend(&lines, remark.as_meant ? "" : "? ", remark.subject, ": ", remark.what, "\n");
  }
  return lines;
}

ReconcilePlan PlanOf(const ClusterView& view, bool take_over = false) {
  return PlanReconcile(view, "rt-1", take_over, Noon(), Noon());
}

void TakeOut(ClusterView* view, const std::string& balancer, const std::string& node) {
  ServerOn(view, balancer, node).set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
  ServerOn(view, balancer, node).set_status("MAINT");
}

TEST(ReconcilePlanTest, NothingIsLeftToDoWhereAllAgree) {
  const ReconcilePlan plan = PlanOf(RoutedView());
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(Remarks(plan), "");
}

TEST(ReconcilePlanTest, AddressesAndWeights) {
  ClusterView view = RoutedView();
  ServerOn(&view, "lb-01", "node-01").set_address("10.0.0.9");
  ServerOn(&view, "lb-01", "node-02").set_port(81);
  ServerOn(&view, "lb-02", "node-03").set_weight(5);
  PutLease(&view, "lb-02", "node-03", "lb-weight", Noon() + absl::Minutes(1));
  const ReconcilePlan plan = PlanOf(view);
  EXPECT_THAT(Steps(plan),
              ElementsAre("lb-01 app/node-01: address 10.0.0.1 port 8080",
                          "lb-01 app/node-02: address 10.0.0.2 port 8080", "lb-02 app/node-03: weight 100"));
  EXPECT_EQ(plan.steps[2].action.set_lb_weight().mode(), v1::SetLbWeight::MODE_CONFIGURED);
  EXPECT_EQ(plan.steps[2].action.set_lb_weight().lease_id(), "jettyfleet-lb-weight-node-03");
  view.description.clear_addresses();
  EXPECT_THAT(Steps(PlanOf(view)), ElementsAre("lb-02 app/node-03: weight 100"));
}

TEST(ReconcilePlanTest, WhatNoLeaseOfOursHoldsIsLeftAloneUnlessTakenOver) {
  ClusterView view = RoutedView();
  TakeOut(&view, "lb-01", "node-02");
  EXPECT_THAT(PlanOf(view).steps, IsEmpty());
  EXPECT_THAT(Remarks(PlanOf(view)), HasSubstr("? lb-01 app/node-02: is in maint, and no lease of ours"));
  const ReconcilePlan taken = PlanOf(view, true);
  EXPECT_THAT(Steps(taken), ElementsAre("lb-01 app/node-02: ready"));
  EXPECT_TRUE(taken.steps[0].action.set_lb_server().take_over());
  view.nodes.at("node-02").report.mutable_http(0)->set_healthy(v1::ANSWER_NO);
  EXPECT_THAT(PlanOf(view, true).steps, IsEmpty()) << "HAProxy would send clients there before its first check";
  EXPECT_THAT(Remarks(PlanOf(view, true)), HasSubstr("? lb-01 app/node-02"));
}

TEST(ReconcilePlanTest, ALeaseInForceIsMeantAndOneThatHasEndedIsNot) {
  ClusterView view = RoutedView();
  for (const char* balancer : {"lb-01", "lb-02"}) {
    TakeOut(&view, balancer, "node-02");
    PutLease(&view, balancer, "node-02", "lb-server", Noon() + absl::Minutes(1));
  }
  EXPECT_THAT(PlanOf(view, true).steps, IsEmpty());
  EXPECT_THAT(Remarks(PlanOf(view)), testing::StartsWith("lb-01 app/node-02: is in maint on lease"));
  const ReconcilePlan later = PlanReconcile(view, "rt-1", false, Noon(), Noon() + absl::Minutes(2));
  EXPECT_THAT(Steps(later), ElementsAre("lb-01 app/node-02: ready", "lb-02 app/node-02: ready"));
  EXPECT_FALSE(later.steps[0].action.set_lb_server().take_over());
}

TEST(ReconcilePlanTest, WhatIsOutOnOneLoadBalancerByOurLeaseIsOutOnAll) {
  ClusterView view = RoutedView();
  TakeOut(&view, "lb-01", "node-02");
  PutLease(&view, "lb-01", "node-02", "lb-server", Noon() + absl::Minutes(5));
  const ReconcilePlan plan = PlanOf(view);
  ASSERT_THAT(Steps(plan), ElementsAre("lb-02 app/node-02: maint"));
  EXPECT_EQ(plan.steps[0].host, "lb-02");
  EXPECT_EQ(plan.steps[0].action.set_lb_server().duration().seconds(), 300);
  EXPECT_THAT(plan.steps[0].action.set_lb_server().lease_id(), testing::StartsWith("jettyfleet-rt-1-lb"));
  ServerOn(&view, "lb-02", "node-01").set_status("DOWN");
  EXPECT_THAT(PlanOf(view).steps, IsEmpty());
  EXPECT_THAT(Remarks(PlanOf(view)), HasSubstr("min_serving"));
}

TEST(ReconcilePlanTest, WhatHaproxyHasForgottenIsTakenOutAgain) {
  ClusterView view = RoutedView();
  PutLease(&view, "lb-01", "node-02", "lb-server", Noon() + absl::Minutes(5));
  const ReconcilePlan plan = PlanOf(view);
  ASSERT_THAT(Steps(plan), ElementsAre("lb-01 app/node-02: maint", "lb-02 app/node-02: maint"));
  EXPECT_EQ(plan.steps[0].action.set_lb_server().lease_id(), "jettyfleet-lb-server-node-02");
}

TEST(ReconcilePlanTest, WhatIsNotSeenIsLeftAlone) {
  ClusterView view = RoutedView();
  ServerOn(&view, "lb-02", "node-01").set_weight(5);
  view.load_balancers.at("lb-02").fresh.lb_servers -= absl::Seconds(1);
  EXPECT_THAT(PlanOf(view).steps, IsEmpty());
  EXPECT_THAT(Remarks(PlanOf(view)), HasSubstr("? lb-02 app/node-01: was not seen"));
}

}  // namespace
}  // namespace jettyfleet
