#include "coordinator/route/drain_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/coordinator/route/routed_view.h"

namespace jettyfleet {
namespace {

TEST(DrainGateTest, EnoughOthersHaveToServeEverywhere) {
  const struct {
    const char* name;
    std::function<void(ClusterView*)> bend;
    absl::StatusCode code;
    const char* says;
  } kCases[] = {
      {"two others", [](ClusterView*) {}, absl::StatusCode::kOk, ""},
      {"already out itself",
       [](ClusterView* view) {
         ServerOn(view, "lb-01", "node-01").set_admin_state(v1::LbServerFact::ADMIN_STATE_MAINT);
       },
       absl::StatusCode::kOk, ""},
      {"one other is drained on one of them",
       [](ClusterView* view) {
         ServerOn(view, "lb-02", "node-02").set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
       },
       absl::StatusCode::kFailedPrecondition, "lb-02 would have 1 other ready server of web without node-01"},
      {"one other is down", [](ClusterView* view) { ServerOn(view, "lb-01", "node-02").set_status("DOWN"); },
       absl::StatusCode::kFailedPrecondition, "min_serving is 2"},
      {"one other is up, and not yet checked",
       [](ClusterView* view) { ServerOn(view, "lb-01", "node-02").clear_check_status(); },
       absl::StatusCode::kFailedPrecondition, "min_serving is 2"},
      {"one is enough",
       [](ClusterView* view) {
         view->description.mutable_resources(0)->set_min_serving(1);
         ServerOn(view, "lb-01", "node-02").set_status("DOWN");
       },
       absl::StatusCode::kOk, ""},
      {"none is never enough",
       [](ClusterView* view) {
         view->description.mutable_resources(0)->clear_min_serving();
         ServerOn(view, "lb-01", "node-02").set_status("DOWN");
         ServerOn(view, "lb-01", "node-03").set_status("DOWN");
       },
       absl::StatusCode::kFailedPrecondition, "0 other ready servers"},
      {"a load balancer that is not seen",
       [](ClusterView* view) { view->load_balancers.at("lb-02").connected = false; },
       absl::StatusCode::kFailedPrecondition, "lb-02 app/node-01 was not seen"},
      {"a load balancer seen too long ago",
       [](ClusterView* view) { view->load_balancers.at("lb-02").fresh.lb_servers -= absl::Seconds(1); },
       absl::StatusCode::kFailedPrecondition, "lb-02 app/node-01 was not seen"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    ClusterView view = RoutedView();
    one.bend(&view);
    const absl::Status may = CheckDrain(view, "node-01", Noon());
    EXPECT_EQ(may.code(), one.code) << may;
    EXPECT_THAT(std::string(may.message()), testing::HasSubstr(one.says));
  }
  EXPECT_EQ(CheckDrain(RoutedView(), "node-09", Noon()).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace jettyfleet
