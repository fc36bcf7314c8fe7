#include "coordinator/route/shift_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/coordinator/route/shifting_view.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

TEST(ShiftGateTest, WhatIsAskedFor) {
  const struct {
    const char* name;
    std::function<void(ClusterView*, ShiftOrder*)> bend;
    absl::StatusCode code;
    const char* says;
  } kCases[] = {
      {"all is well", [](ClusterView*, ShiftOrder*) {}, absl::StatusCode::kOk, ""},
      {"nobody's word",
       [](ClusterView* view, ShiftOrder*) { view->description.mutable_resources(0)->clear_parallel_safe(); },
       absl::StatusCode::kFailedPrecondition, "key \"resources[0].parallel_safe\""},
      {"no sessions", [](ClusterView* view, ShiftOrder*) { view->description.mutable_resources(0)->clear_sessions(); },
       absl::StatusCode::kFailedPrecondition, "key \"resources[0].sessions\""},
      {"no traffic", [](ClusterView* view, ShiftOrder*) { view->description.mutable_traffic()->clear_url(); },
       absl::StatusCode::kFailedPrecondition, "key \"traffic.url\""},
      {"no counter",
       [](ClusterView* view, ShiftOrder*) { view->description.mutable_traffic()->clear_counter_pattern(); },
       absl::StatusCode::kFailedPrecondition, "key \"traffic.counter_pattern\""},
      {"in service on one of them",
       [](ClusterView* view, ShiftOrder*) {
         ServerOn(view, "lb-02", "node-03").set_admin_state(v1::LbServerFact::ADMIN_STATE_READY);
       },
       absl::StatusCode::kFailedPrecondition, "lb-02 app/node-03 is in service already"},
      {"out of service by somebody else",
       [](ClusterView* view, ShiftOrder*) { view->load_balancers.at("lb-02").report.clear_leases(); },
       absl::StatusCode::kFailedPrecondition, "no lease of ours"},
      {"a weight of one",
       [](ClusterView* view, ShiftOrder*) { ServerOn(view, "lb-01", "node-03").set_initial_weight(1); },
       absl::StatusCode::kFailedPrecondition, "weight of 1, of which 5 % is none"},
      {"nobody else serves",
       [](ClusterView* view, ShiftOrder*) {
         ServerOn(view, "lb-01", "node-01").set_status("DOWN");
         ServerOn(view, "lb-02", "node-02").set_status("DOWN");
       },
       absl::StatusCode::kFailedPrecondition, "nothing to shift from"},
      {"not seen", [](ClusterView* view, ShiftOrder*) { view->load_balancers.at("lb-02").connected = false; },
       absl::StatusCode::kFailedPrecondition, "lb-02 app/node-03 was not seen"},
      {"an unknown node", [](ClusterView*, ShiftOrder* order) { order->nodes = {"node-09"}; },
       absl::StatusCode::kNotFound, "node-09"},
      {"no node", [](ClusterView*, ShiftOrder* order) { order->nodes.clear(); }, absl::StatusCode::kInvalidArgument,
       "name the nodes"},
      {"twice",
       [](ClusterView*, ShiftOrder* order) {
         order->nodes = {"node-03", "node-03"};
       },
       absl::StatusCode::kInvalidArgument, "twice"},
      {"steps down",
       [](ClusterView*, ShiftOrder* order) {
         order->steps = {50, 25, 100};
       },
       absl::StatusCode::kInvalidArgument, "ascend"},
      {"a step of nothing",
       [](ClusterView*, ShiftOrder* order) {
         order->steps = {0, 100};
       },
       absl::StatusCode::kInvalidArgument, "ascend"},
      {"not to the end", [](ClusterView*, ShiftOrder* order) { order->steps = {50}; },
       absl::StatusCode::kInvalidArgument, "end with 100"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    ClusterView view = ShiftingView();
    ShiftOrder order = Onto03();
    one.bend(&view, &order);
    const absl::Status may = CheckShift(view, order, Noon());
    EXPECT_EQ(may.code(), one.code) << may;
    EXPECT_THAT(std::string(may.message()), HasSubstr(one.says));
  }
}

TEST(ShiftGateTest, HowSessionsAreTried) {
  const struct {
    v1::SessionsDescription::Affinity affinity;
    v1::SessionsDescription::Store store;
    bool cache_null;
    bool direct;
  } kCases[] = {
      {v1::SessionsDescription::AFFINITY_NONE, v1::SessionsDescription::STORE_JDBC, true, true},
      {v1::SessionsDescription::AFFINITY_COOKIE, v1::SessionsDescription::STORE_JDBC, true, true},
      {v1::SessionsDescription::AFFINITY_COOKIE, v1::SessionsDescription::STORE_JDBC, false, false},
      {v1::SessionsDescription::AFFINITY_WORKER_NAME, v1::SessionsDescription::STORE_MEMORY, false, false},
  };
  for (const auto& one : kCases) {
    v1::SessionsDescription sessions;
    sessions.set_affinity(one.affinity);
    sessions.set_store(one.store);
    sessions.set_cache_null(one.cache_null);
    EXPECT_EQ(AlternatesDirectly(sessions), one.direct) << sessions.ShortDebugString();
  }
  ClusterView view = ShiftingView();
  (*view.description.mutable_addresses())["node-03"] = "fd00::3";
  const absl::StatusOr<WalkOrder> walk = DirectWalk(view, Onto03());
  ASSERT_TRUE(walk.ok()) << walk.status();
  EXPECT_THAT(walk->urls, testing::ElementsAre("http://10.0.0.1:8080/app/?x=1", "http://[fd00::3]:8080/app/?x=1"));
}

TEST(ShiftGateTest, WhatBecameOfASession) {
  WalkAnswer good;
  good.requests = 4;
  good.counted = 4;
  good.kept = 2;
  good.moved = 2;
  EXPECT_EQ(WhyNotKept(good, true), "");
  EXPECT_EQ(WhyNotKept(good, false), "the session was moved to another node 2 times");
  WalkAnswer bad = good;
  bad.regressed = 1;
  EXPECT_THAT(WhyNotKept(bad, true), HasSubstr("regressed 1"));
  bad = good;
  bad.lost = 1;
  EXPECT_THAT(WhyNotKept(bad, true), HasSubstr("lost 1"));
  bad = good;
  bad.counted = 3;
  EXPECT_THAT(WhyNotKept(bad, true), HasSubstr("counter is missing in 1 of 4"));
  bad = good;
  bad.failures = 1;
  EXPECT_THAT(WhyNotKept(bad, true), HasSubstr("1 of 4 requests failed"));
}

TEST(ShiftGateTest, WhatClientsFelt) {
  v1::TrafficSummary felt;
  felt.set_failures(2);
  EXPECT_EQ(OverspentStep(felt, 1, 3, false), "");
  EXPECT_EQ(OverspentStep(felt, 2, 3, false), "4 requests failed, the budget is 3");
  felt.set_sessions_moved(1);
  EXPECT_EQ(OverspentStep(felt, 0, 3, true), "");
  EXPECT_THAT(OverspentStep(felt, 0, 3, false), HasSubstr("moved"));
  felt.set_sessions_regressed(1);
  EXPECT_THAT(OverspentStep(felt, 0, 3, true), HasSubstr("regressed"));
  felt.set_sessions_lost(1);
  EXPECT_THAT(OverspentStep(felt, 0, 3, true), HasSubstr("lost"));
}

}  // namespace
}  // namespace jettyfleet
