#include "coordinator/route/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/route/routed_view.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

std::string FindingsOf(const v1::RouteShowResponse& picture) {
  std::string lines;
  for (const v1::RouteFinding& finding : picture.findings()) {
    absl::StrAppend(&lines, v1::Answer_Name(finding.agrees()), " ", finding.subject(), ": ", finding.detail(), "\n");
  }
  return lines;
}

TEST(ShowRouteTest, AllAgree) {
  const v1::RouteShowResponse picture = ShowRoute(RoutedView(), Noon(), Noon());
  EXPECT_EQ(picture.agrees(), v1::ANSWER_YES) << FindingsOf(picture);
  EXPECT_EQ(FindingsOf(picture), "");
  ASSERT_EQ(picture.nodes_size(), 3);
  EXPECT_EQ(picture.nodes(0).node(), "node-01");
  EXPECT_EQ(picture.nodes(0).started(), v1::ANSWER_YES);
  EXPECT_EQ(picture.nodes(0).unit_active(), v1::ANSWER_YES);
  EXPECT_EQ(picture.nodes(0).port_bound(), v1::ANSWER_YES);
  EXPECT_EQ(picture.nodes(0).http_ready(), v1::ANSWER_YES);
  ASSERT_EQ(picture.nodes(0).servers_size(), 2);
  EXPECT_EQ(picture.nodes(0).servers(1).load_balancer(), "lb-02");
  EXPECT_EQ(picture.nodes(0).servers(1).seen(), v1::ANSWER_YES);
  EXPECT_EQ(picture.nodes(0).servers(1).described_address(), "10.0.0.1");
}

struct Case {
  const char* name;
  std::function<void(ClusterView*)> bend;
  v1::Answer agrees;
  const char* says;  // of one finding; empty: there is none
};

TEST(ShowRouteTest, WhatDisagreesAndWhatDoesNot) {
  const auto on_both = [](ClusterView* view, const std::string& node,
                          const std::function<void(v1::LbServerFact*)>& set) {
    set(&ServerOn(view, "lb-01", node));
    set(&ServerOn(view, "lb-02", node));
  };
  const auto out = [on_both](v1::LbServerFact::AdminState state) {
    return [on_both, state](ClusterView* view) {
      on_both(view, "node-02", [state](v1::LbServerFact* fact) {
        fact->set_admin_state(state);
        fact->set_status("MAINT");
      });
    };
  };
  const Case kCases[] = {
      {"ready without an instance", [](ClusterView* view) { StopInstance(view, "node-02"); }, v1::ANSWER_NO,
       "lb-01 app/node-02: is ready (UP, check L7OK), but the cluster runs no instance on node-02"},
      {"a spare that its check keeps out",
       [&](ClusterView* view) {
         view->description.mutable_resources(0)->set_clone_max(2);
         StopInstance(view, "node-02");
         on_both(view, "node-02", [](v1::LbServerFact* fact) { fact->set_status("DOWN"); });
       },
       v1::ANSWER_YES, ""},
      {"a node too few, though its check keeps it out",
       [&](ClusterView* view) {
         view->description.mutable_resources(0)->set_clone_max(3);
         StopInstance(view, "node-02");
         on_both(view, "node-02", [](v1::LbServerFact* fact) { fact->set_status("DOWN"); });
       },
       v1::ANSWER_NO, "runs no instance on node-02"},
      {"up, and the node does not answer",
       [](ClusterView* view) { view->nodes.at("node-03").report.mutable_http(0)->set_healthy(v1::ANSWER_NO); },
       v1::ANSWER_NO, "node-03 itself does not answer"},
      {"down, and the node answers", [](ClusterView* view) { ServerOn(view, "lb-02", "node-03").set_status("DOWN"); },
       v1::ANSWER_NO, "lb-02 app/node-03: is DOWN, check L7OK, but node-03 itself answers"},
      {"somebody's drain", out(v1::LbServerFact::ADMIN_STATE_DRAIN), v1::ANSWER_NO,
       "lb-01 app/node-02: is in drain, and no lease of ours holds it"},
      {"our drain",
       [&](ClusterView* view) {
         out(v1::LbServerFact::ADMIN_STATE_MAINT)(view);
         PutLease(view, "lb-01", "node-02", "lb-server", Noon() + absl::Minutes(1));
         PutLease(view, "lb-02", "node-02", "lb-server", Noon() + absl::Minutes(1));
       },
       v1::ANSWER_YES, ""},
      {"our drain, after its end",
       [&](ClusterView* view) {
         out(v1::LbServerFact::ADMIN_STATE_MAINT)(view);
         PutLease(view, "lb-01", "node-02", "lb-server", Noon() - absl::Minutes(1));
         PutLease(view, "lb-02", "node-02", "lb-server", Noon() + absl::Minutes(1));
       },
       v1::ANSWER_NO, "has ended"},
      {"our drain, that HAProxy has forgotten",
       [](ClusterView* view) { PutLease(view, "lb-01", "node-02", "lb-server", Noon() + absl::Minutes(1)); },
       v1::ANSWER_NO, "lb-01 app/node-02: is ready though lease jettyfleet-lb-server-node-02 holds it out"},
      {"a weight", [&](ClusterView* view) { on_both(view, "node-01", [](auto* fact) { fact->set_weight(5); }); },
       v1::ANSWER_NO, "has weight 5, configured is 100"},
      {"our weight",
       [&](ClusterView* view) {
         on_both(view, "node-01", [](auto* fact) { fact->set_weight(5); });
         PutLease(view, "lb-01", "node-01", "lb-weight", Noon() + absl::Minutes(1));
         PutLease(view, "lb-02", "node-01", "lb-weight", Noon() + absl::Minutes(1));
       },
       v1::ANSWER_YES, ""},
      {"an address", [&](ClusterView* view) { on_both(view, "node-01", [](auto* f) { f->set_address("10.0.0.9"); }); },
       v1::ANSWER_NO, "leads to 10.0.0.9, and node-01 is at 10.0.0.1"},
      {"an address that is not described",
       [&](ClusterView* view) {
         view->description.clear_addresses();
         on_both(view, "node-01", [](auto* fact) { fact->set_address("10.0.0.9"); });
       },
       v1::ANSWER_YES, ""},
      {"a name for an address",
       [](ClusterView* view) { (*view->description.mutable_addresses())["node-01"] = "node-01.example"; },
       v1::ANSWER_UNSPECIFIED, "cannot be told from here"},
      {"the same name on both sides",
       [&](ClusterView* view) {
         (*view->description.mutable_addresses())["node-01"] = "node-01.example";
         on_both(view, "node-01", [](auto* fact) { fact->set_host_name("node-01.example"); });
       },
       v1::ANSWER_YES, ""},
      {"another port", [&](ClusterView* view) { on_both(view, "node-01", [](auto* fact) { fact->set_port(9); }); },
       v1::ANSWER_NO, "port 9, which is none of web's"},
      {"no check",
       [&](ClusterView* view) { on_both(view, "node-01", [](auto* fact) { fact->set_status("no check"); }); },
       v1::ANSWER_NO, "has no health check"},
      {"two load balancers that differ",
       [](ClusterView* view) {
         ServerOn(view, "lb-02", "node-02").set_admin_state(v1::LbServerFact::ADMIN_STATE_DRAIN);
         PutLease(view, "lb-02", "node-02", "lb-server", Noon() + absl::Minutes(1));
       },
       v1::ANSWER_NO, "node-02: differs between load balancers: lb-01 app/node-02 has ready"},
      {"a server that is not mapped",
       [](ClusterView* view) {
         v1::LbServerFact* const other = view->load_balancers.at("lb-01").report.add_lb_servers();
         *other = ServerOn(view, "lb-01", "node-01");
         other->set_server("old");
         other->clear_node();
       },
       v1::ANSWER_NO, "lb-01 app/old: is mapped to no node"},
      {"one that is gone from HAProxy's configuration",
       [](ClusterView* view) {
         v1::LbServerFact* const other = view->load_balancers.at("lb-01").report.add_lb_servers();
         *other = ServerOn(view, "lb-01", "node-01");
         other->set_server("old");
         *other->mutable_observed_at() = ToProto(Noon() - absl::Minutes(1));
       },
       v1::ANSWER_YES, ""},
      {"an agent that is away", [](ClusterView* view) { view->load_balancers.at("lb-02").connected = false; },
       v1::ANSWER_UNSPECIFIED, "lb-02 app/node-01: was not seen"},
      {"an old look",
       [](ClusterView* view) { view->load_balancers.at("lb-02").fresh.lb_servers = Noon() - absl::Seconds(1); },
       v1::ANSWER_UNSPECIFIED, "lb-02 app/node-01: was not seen"},
      {"a server that HAProxy does not have",
       [](ClusterView* view) { ServerOn(view, "lb-02", "node-01").set_error("HAProxy has no server app/node-01"); },
       v1::ANSWER_UNSPECIFIED, "HAProxy has no server app/node-01"},
      {"no quorum",
       [](ClusterView* view) {
         InEveryView(view, [](v1::ClusterFact* fact) { fact->set_dc_with_quorum(v1::ANSWER_NO); });
       },
       v1::ANSWER_UNSPECIFIED, "no DC with quorum"},
      {"an instance that nothing leads to",
       [](ClusterView* view) {
         for (auto& balancer : *view->description.mutable_load_balancers())
           balancer.mutable_servers()->erase("node-03");
       },
       v1::ANSWER_NO, "node-03: runs an instance of web, and the description maps it to no server"},
      {"no load balancer", [](ClusterView* view) { view->description.clear_load_balancers(); }, v1::ANSWER_UNSPECIFIED,
       "none is described"},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    ClusterView view = RoutedView();
    one.bend(&view);
    const v1::RouteShowResponse picture = ShowRoute(view, Noon(), Noon());
    EXPECT_EQ(picture.agrees(), one.agrees) << FindingsOf(picture);
    if (one.says[0] == '\0') {
      EXPECT_EQ(FindingsOf(picture), "");
    } else {
      EXPECT_THAT(FindingsOf(picture), HasSubstr(one.says));
    }
  }
}

}  // namespace
}  // namespace jettyfleet
