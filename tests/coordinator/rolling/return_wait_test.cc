#include "coordinator/rolling/return_wait.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {
namespace {

struct WaitCase {
  const char* name;
  v1::NodeStep step;
  void (*bend)(ClusterView* view);
  const char* expected;
};

v1::HostReport& Node(ClusterView* view) { return view->nodes["node-01"].report; }

const WaitCase kCases[] = {
    {"restore", v1::NODE_STEP_RESTORE, [](ClusterView*) {}, "what was done to it to be undone"},
    {"cluster_start", v1::NODE_STEP_CLUSTER_START,
     [](ClusterView* v) {
       Node(v).mutable_units(0)->set_active_state("inactive");
       Node(v).mutable_units(0)->set_sub_state("dead");
     },
     "the cluster to start its instance (it is inactive, dead)"},
    {"unit", v1::NODE_STEP_UNIT_ACTIVE,
     [](ClusterView* v) {
       Node(v).mutable_units(0)->set_active_state("activating");
       Node(v).mutable_units(0)->set_sub_state("start");
     },
     "its unit to be active (it is activating, start)"},
    {"unit_unknown", v1::NODE_STEP_UNIT_ACTIVE, [](ClusterView* v) { Node(v).clear_units(); },
     "its unit to be active (not reported)"},
    {"port_free", v1::NODE_STEP_PORT_BOUND,
     [](ClusterView* v) {
       Node(v).mutable_ports(0)->set_bound(v1::ANSWER_NO);
       Node(v).mutable_ports(0)->set_bound_by_unit(v1::ANSWER_NO);
     },
     "its ports to be bound by its unit (8080 is not bound)"},
    {"port_taken", v1::NODE_STEP_PORT_BOUND,
     [](ClusterView* v) { Node(v).mutable_ports(0)->set_bound_by_unit(v1::ANSWER_NO); },
     "its ports to be bound by its unit (8080 is held by another process)"},
    {"port_unknown", v1::NODE_STEP_PORT_BOUND,
     [](ClusterView* v) {
       Node(v).mutable_ports(0)->clear_bound();
       Node(v).mutable_ports(0)->clear_bound_by_unit();
     },
     "its ports to be bound by its unit (8080 is not known)"},
    {"http_status", v1::NODE_STEP_HTTP_READY, [](ClusterView* v) { Node(v).mutable_http(0)->set_status(503); },
     "HTTP as described (it answered 503)"},
    {"http_error", v1::NODE_STEP_HTTP_READY,
     [](ClusterView* v) { Node(v).mutable_http(0)->set_error("no answer in 2s"); },
     "HTTP as described (no answer in 2s)"},
    {"http_body", v1::NODE_STEP_HTTP_READY,
     [](ClusterView* v) {
       Node(v).mutable_http(0)->set_status(200);
       Node(v).mutable_http(0)->set_body_matches(v1::ANSWER_NO);
     },
     "HTTP as described (it answered 200 with another body than described)"},
    {"balancer", v1::NODE_STEP_LB_READY,
     [](ClusterView* v) {
       Server(v, "node-01")->set_status("DOWN");
       Server(v, "node-01")->set_check_status("L7STS");
     },
     "its load balancers to have it up (lb-01 says DOWN L7STS)"},
    {"balancer_gone", v1::NODE_STEP_LB_READY,
     [](ClusterView* v) {
       for (auto& [name, lb] : v->load_balancers) lb.connected = false;
     },
     "its load balancers to have it up (lb-01 is not connected)"},
    {"idle", v1::NODE_STEP_CLUSTER_IDLE, [](ClusterView*) {},
     "the cluster to be idle, with as many instances serving as before"},
    {"node_gone", v1::NODE_STEP_HTTP_READY, [](ClusterView* v) { v->nodes["node-01"].connected = false; },
     "HTTP as described (not reported)"},
    {"no_resource", v1::NODE_STEP_HTTP_READY, [](ClusterView* v) { v->description.clear_resources(); },
     "a description that has its resource"},
};

NodeVisit At(v1::NodeStep step) {
  NodeVisit visit;
  visit.node = "node-01";
  visit.step = step;
  return visit;
}

class ReturnWait : public testing::TestWithParam<WaitCase> {};

TEST_P(ReturnWait, IsTold) {
  Operation operation;
  operation.spec = EvictSpec();
  ClusterView view = HealthyView();
  GetParam().bend(&view);
  EXPECT_EQ(WaitsFor(operation, view, At(GetParam().step)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Each, ReturnWait, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<WaitCase>& info) { return std::string(info.param.name); });

TEST(ReturnWaitOfARollout, TellsTheVersionThatAnswers) {
  Operation operation;
  operation.spec = EvictSpec();
  operation.spec.mutable_rollout()->set_version("2");
  ClusterView view = HealthyView();
  view.description.mutable_resources(0)->mutable_health()->set_version("v=(.*)");
  v1::HttpFact* const http = view.nodes["node-01"].report.mutable_http(0);
  http->set_status(200);
  EXPECT_EQ(WaitsFor(operation, view, At(v1::NODE_STEP_HTTP_READY)),
            "HTTP as described (it answered 200, and told no version)");
  http->set_version("1");
  EXPECT_EQ(WaitsFor(operation, view, At(v1::NODE_STEP_HTTP_READY)),
            "HTTP as described (it answered 200 from version 1)");
  http->set_version("2");
  EXPECT_EQ(WaitsFor(operation, view, At(v1::NODE_STEP_HTTP_READY)), "HTTP as described (it answered 200)");
}

}  // namespace
}  // namespace jettyfleet
