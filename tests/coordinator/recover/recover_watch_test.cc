#include "coordinator/recover/recover_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using testing::HasSubstr;

constexpr char kNode[] = "node-01";
constexpr char kDc[] = "node-02";
constexpr uint32_t kPort = 8080;

// Two nodes that run the clone, everything seen just now; the resource is described with recover: at-once.
class RecoverWatchTest : public testing::Test {
 protected:
  RecoverWatchTest() {
    v1::ResourceDescription* const resource = view_.description.add_resources();
    resource->set_name("jetty");
    resource->set_unit("jetty9");
    resource->set_recover(v1::RECOVER_AT_ONCE);
    resource->add_ports(kPort);
    resource->mutable_health()->set_port(kPort);
    view_.cluster = "c";
    for (const char* const node : {kNode, kDc}) {
      HostView& host = view_.nodes[node];
      host.host = node;
      host.connected = true;
      v1::ClusterFact* const cluster = host.report.mutable_cluster();
      cluster->set_connected(v1::ANSWER_YES);
      cluster->set_dc_present(v1::ANSWER_YES);
      cluster->set_dc(kDc);
      cluster->set_dc_with_quorum(v1::ANSWER_YES);
      cluster->mutable_quorum()->set_quorate(v1::ANSWER_YES);
      cluster->set_idle(v1::ANSWER_YES);
      for (const char* const other : {kNode, kDc}) {
        v1::InstanceFact* const instance = cluster->add_instances();
        instance->set_resource("web");
        instance->set_agent("systemd:jetty9");
        instance->set_role("Started");
        instance->set_active(true);
        instance->set_managed(true);
        instance->add_nodes(other);
      }
      host.report.add_units()->set_unit("jetty9.service");
      v1::PortFact* const port = host.report.add_ports();
      port->set_resource("jetty");
      port->set_port(kPort);
      host.report.add_http()->set_resource("jetty");
      Runs(node, 100);
      Serves(node);
    }
    Looked();
  }

  v1::UnitFact* Unit(const std::string& node) { return view_.nodes.at(node).report.mutable_units(0); }
  v1::ClusterFact* Cluster() { return view_.nodes.at(kDc).report.mutable_cluster(); }
  v1::InstanceFact* Instance() { return Cluster()->mutable_instances(0); }
  void Runs(const std::string& node, uint32_t pid) {
    Unit(node)->set_active_state("active");
    Unit(node)->set_main_pid(pid);
  }
  void Fails(const std::string& node = kNode) { Unit(node)->set_active_state("failed"); }
  v1::HttpFact* Http() { return view_.nodes.at(kNode).report.mutable_http(0); }
  v1::PortFact* Port() { return view_.nodes.at(kNode).report.mutable_ports(0); }
  void Serves(const std::string& node = kNode) {
    view_.nodes.at(node).report.mutable_ports(0)->set_bound(v1::ANSWER_YES);
    view_.nodes.at(node).report.mutable_ports(0)->set_bound_by_unit(v1::ANSWER_YES);
    view_.nodes.at(node).report.mutable_http(0)->set_healthy(v1::ANSWER_YES);
    view_.nodes.at(node).report.mutable_http(0)->set_status(200);
  }
  void IsDeaf() {
    Http()->set_healthy(v1::ANSWER_NO);
    Http()->set_status(0);
    Http()->set_error("no answer within 2s");
  }
  void AfterFailedProbes(uint32_t probes) {
    view_.description.mutable_resources(0)->set_recover_after_failed_probes(probes);
  }
  // The node's agent has answered for units, ports and HTTP.
  void Probed() {
    view_.nodes.at(kNode).fresh.http = now_;
    view_.nodes.at(kNode).fresh.units = now_;
  }
  // As many probes as it takes, each when it is due; what comes of them once the DC has looked.
  RecoverWatch::Todo AfterProbes(int probes) {
    for (int i = 0; i < probes; ++i) {
      Step(absl::Milliseconds(1100));
      Probed();
    }
    Step();
    now_ += absl::Milliseconds(10);
    Looked();
    return Step();
  }
  // The DC has read cluster and CIB again.
  void Looked() {
    view_.nodes.at(kDc).fresh.cluster = now_;
    view_.nodes.at(kDc).fresh.cib = now_;
  }
  RecoverWatch::Todo Step(absl::Duration later = absl::Milliseconds(50)) {
    now_ += later;
    return watch_.Step(view_, busy_, now_);
  }
  // What comes of a failure once the DC has looked.
  RecoverWatch::Todo AfterALook() {
    Step();
    Looked();
    return Step();
  }

  ClusterView view_;
  bool busy_ = false;
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(500000);
  RecoverWatch watch_;
};

TEST_F(RecoverWatchTest, TellsOnceAfterTheDcHasLooked) {
  EXPECT_FALSE(Step().again) << "nothing has failed";
  Fails();
  const RecoverWatch::Todo first = Step();
  EXPECT_EQ(first.look, kDc);
  EXPECT_TRUE(first.again);
  EXPECT_FALSE(first.tell.has_value());
  now_ += absl::Milliseconds(10);
  Looked();
  const RecoverWatch::Todo then = Step();
  ASSERT_TRUE(then.tell.has_value());
  EXPECT_EQ(then.tell->primitive, "web");
  EXPECT_EQ(then.tell->node, kNode);
  EXPECT_EQ(then.tell->what, "unit jetty9.service is failed");
  EXPECT_FALSE(Step().tell.has_value()) << "once for each failure";
}

TEST_F(RecoverWatchTest, WhatIsExplainedIsNotTold) {
  Step();
  const std::pair<const char*, std::function<void()>> kCases[] = {
      {"not described so", [this] { view_.description.mutable_resources(0)->set_recover(v1::RECOVER_UNSPECIFIED); }},
      {"an operation of ours", [this] { busy_ = true; }},
      {"a lease or a lock of ours", [this] { view_.nodes.at(kDc).report.mutable_cib()->add_ours(); }},
      {"a fault's lease on the node", [this] { view_.nodes.at(kNode).report.add_leases()->set_kind("unit-freeze"); }},
      {"maintenance mode", [this] { Cluster()->set_maintenance_mode(true); }},
      {"stopped by the cluster", [this] { Instance()->set_role("Stopped"); }},
      {"unmanaged", [this] { Instance()->set_managed(false); }},
      {"Pacemaker knows it", [this] { Instance()->set_failed(true); }},
      {"blocked", [this] { Instance()->set_blocked(true); }},
      {"expected elsewhere", [this] { Instance()->set_nodes(0, "node-03"); }},
      {"another unit's instance", [this] { Instance()->set_agent("systemd:jetty12"); }},
      {"its agent is gone", [this] { view_.nodes.at(kNode).connected = false; }},
      {"being stopped", [this] { Unit(kNode)->set_active_state("deactivating"); }},
      {"being started", [this] { Unit(kNode)->set_active_state("activating"); }},
      {"unknown", [this] { Unit(kNode)->set_active_state(""); }},
  };
  const ClusterView before = view_;
  for (const auto& [name, explain] : kCases) {
    SCOPED_TRACE(name);
    view_ = before;
    busy_ = false;
    watch_ = RecoverWatch();
    Step();
    Fails();
    explain();
    EXPECT_FALSE(AfterALook().tell.has_value());
    now_ += absl::Milliseconds(10);
    Looked();
    EXPECT_FALSE(Step().tell.has_value());
  }
  view_ = before;
  busy_ = false;
  watch_ = RecoverWatch();
  Step();
  Fails();
  EXPECT_TRUE(AfterALook().tell.has_value()) << "otherwise it is told";
}

TEST_F(RecoverWatchTest, WhileTheClusterIsInTransitionItLooksAgain) {
  Step();
  Fails();
  Cluster()->set_idle(v1::ANSWER_NO);
  RecoverWatch::Todo todo = AfterALook();
  EXPECT_FALSE(todo.tell.has_value());
  EXPECT_EQ(todo.look, kDc);
  Cluster()->set_idle(v1::ANSWER_YES);
  Looked();
  EXPECT_TRUE(Step().tell.has_value());
}

TEST_F(RecoverWatchTest, WithoutADcItWaitsAndThenGivesUp) {
  Step();
  Fails();
  for (auto& [node, host] : view_.nodes) host.report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_NO);
  EXPECT_TRUE(AfterALook().again);
  EXPECT_FALSE(Step(absl::Seconds(61)).again);
  for (auto& [node, host] : view_.nodes) host.report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_YES);
  Looked();
  EXPECT_FALSE(Step().tell.has_value());
}

TEST_F(RecoverWatchTest, WhatFailedBeforeItWasEverSeenRunningIsNotItsBusiness) {
  Fails();
  EXPECT_FALSE(AfterALook().tell.has_value());
}

TEST_F(RecoverWatchTest, WhatWasStoppedWithoutAFailureCountsToo) {
  Step();
  Unit(kNode)->set_active_state("inactive");
  const RecoverWatch::Todo todo = AfterALook();
  ASSERT_TRUE(todo.tell.has_value());
  EXPECT_EQ(todo.tell->what, "unit jetty9.service is inactive");
}

TEST_F(RecoverWatchTest, NotTooOften) {
  Step();
  Fails();
  ASSERT_TRUE(AfterALook().tell.has_value());
  Runs(kNode, 101);
  Step();
  Fails();
  const RecoverWatch::Todo soon = AfterALook();
  EXPECT_FALSE(soon.tell.has_value());
  ASSERT_EQ(soon.say.size(), 1u);
  EXPECT_THAT(soon.say[0], HasSubstr("web on node-01 has failed again; it is left to Pacemaker's own monitor"));
  int told = 1;
  for (uint32_t pid = 102; pid < 112; ++pid) {
    Runs(kNode, pid);
    Step(absl::Seconds(40));
    Fails();
    told += AfterALook().tell.has_value() ? 1 : 0;
  }
  EXPECT_EQ(told, 5) << "within ten minutes";
  Runs(kNode, 200);
  Step(absl::Minutes(11));
  Fails();
  EXPECT_TRUE(AfterALook().tell.has_value());
}

TEST_F(RecoverWatchTest, TwoFailuresAreToldOneAfterTheOther) {
  Step();
  Fails(kNode);
  Fails(kDc);
  const RecoverWatch::Todo first = AfterALook();
  ASSERT_TRUE(first.tell.has_value());
  EXPECT_EQ(first.tell->node, kNode);
  const RecoverWatch::Todo second = Step();
  ASSERT_TRUE(second.tell.has_value());
  EXPECT_EQ(second.tell->node, kDc);
}

TEST_F(RecoverWatchTest, AFrozenUnitIsToldOnceAfterItsFailedProbes) {
  AfterFailedProbes(3);
  EXPECT_FALSE(Step().again) << "it serves";
  IsDeaf();
  const RecoverWatch::Todo first = Step();
  EXPECT_THAT(first.probe, testing::ElementsAre(kNode));
  EXPECT_TRUE(first.again);
  EXPECT_FALSE(AfterProbes(2).tell.has_value()) << "two of three";
  Step(absl::Milliseconds(1100));
  Probed();
  const RecoverWatch::Todo third = Step();
  EXPECT_EQ(third.look, kDc) << "the DC has looked before the third";
  EXPECT_FALSE(third.tell.has_value());
  now_ += absl::Milliseconds(10);
  Looked();
  const RecoverWatch::Todo then = Step();
  ASSERT_TRUE(then.tell.has_value());
  EXPECT_EQ(then.tell->primitive, "web");
  EXPECT_EQ(then.tell->node, kNode);
  EXPECT_EQ(then.tell->what,
            "unit jetty9.service is active and does not serve: no HTTP answer on port 8080 (no answer within 2s), 3 "
            "probes in a row");
  EXPECT_FALSE(Step().again) << "once for each failure";
  EXPECT_FALSE(AfterProbes(40).tell.has_value());
  Fails();
  EXPECT_FALSE(AfterALook().tell.has_value()) << "its stop ended with SIGKILL: the same failure";
}

TEST_F(RecoverWatchTest, ALostPortIsToldLikewise) {
  AfterFailedProbes(1);
  Step();
  Port()->set_bound(v1::ANSWER_NO);
  Port()->set_bound_by_unit(v1::ANSWER_NO);
  const RecoverWatch::Todo todo = AfterProbes(1);
  ASSERT_TRUE(todo.tell.has_value());
  EXPECT_EQ(todo.tell->what,
            "unit jetty9.service is active and does not serve: nothing is bound to port 8080, 1 probe");
}

TEST_F(RecoverWatchTest, SilenceThatIsExplainedIsCountedAgain) {
  AfterFailedProbes(2);
  const ClusterView before = view_;
  const std::pair<const char*, std::function<void()>> kCases[] = {
      {"an operation of ours", [this] { busy_ = true; }},
      {"a fault's lease on the node", [this] { view_.nodes.at(kNode).report.add_leases()->set_kind("unit-freeze"); }},
      {"a lease or a lock of ours", [this] { view_.nodes.at(kDc).report.mutable_cib()->add_ours(); }},
      {"maintenance mode", [this] { Cluster()->set_maintenance_mode(true); }},
      {"unmanaged", [this] { Instance()->set_managed(false); }},
      {"stopped by the cluster", [this] { Instance()->set_role("Stopped"); }},
  };
  for (const auto& [name, explain] : kCases) {
    SCOPED_TRACE(name);
    view_ = before;
    busy_ = false;
    watch_ = RecoverWatch();
    Step();
    IsDeaf();
    explain();
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(AfterProbes(2).tell.has_value());
    view_ = before;
    busy_ = false;
    IsDeaf();
    Step(absl::Seconds(11));
    EXPECT_TRUE(AfterProbes(3).tell.has_value()) << "nothing explains it any more";
  }
}

TEST_F(RecoverWatchTest, WhatIsNotSilentIsNotTold) {
  AfterFailedProbes(2);
  const ClusterView before = view_;
  const std::pair<const char*, std::function<void()>> kCases[] = {
      {"it answers with an error", [this] { Http()->set_healthy(v1::ANSWER_NO), Http()->set_status(503); }},
      {"HTTP is not known", [this] { Http()->set_healthy(v1::ANSWER_UNSPECIFIED), Http()->set_status(0); }},
      {"the port is not known", [this] { Port()->set_bound(v1::ANSWER_UNSPECIFIED), Port()->clear_bound_by_unit(); }},
      {"another holds the port", [this] { Port()->set_bound_by_unit(v1::ANSWER_NO); }},
      {"not described so", [this] { AfterFailedProbes(0), IsDeaf(); }},
      {"its agent is gone", [this] { view_.nodes.at(kNode).connected = false, IsDeaf(); }},
      {"another process, which never served", [this] { Runs(kNode, 7), IsDeaf(); }},
      {"being stopped", [this] { Unit(kNode)->set_active_state("deactivating"), IsDeaf(); }},
      {"reloading", [this] { Unit(kNode)->set_active_state("reloading"), IsDeaf(); }},
  };
  for (const auto& [name, change] : kCases) {
    SCOPED_TRACE(name);
    view_ = before;
    watch_ = RecoverWatch();
    Step();
    change();
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(AfterProbes(3).tell.has_value());
  }
  view_ = before;
  watch_ = RecoverWatch();
  Step();
  IsDeaf();
  EXPECT_TRUE(AfterProbes(2).tell.has_value()) << "otherwise it is told";
}

TEST_F(RecoverWatchTest, WhatServesAgainIsForgotten) {
  AfterFailedProbes(2);
  Step();
  IsDeaf();
  EXPECT_FALSE(AfterProbes(1).tell.has_value());
  Serves();
  EXPECT_FALSE(Step().again);
  IsDeaf();
  EXPECT_FALSE(AfterProbes(1).tell.has_value()) << "two, but not in a row";
  EXPECT_TRUE(AfterProbes(1).tell.has_value());
  Serves();
  Step(absl::Minutes(1));
  IsDeaf();
  EXPECT_TRUE(AfterProbes(2).tell.has_value()) << "the same process, another failure";
  Serves();
  Step(absl::Minutes(1));
  Fails();
  EXPECT_TRUE(AfterALook().tell.has_value()) << "and its end is another one";
}

TEST_F(RecoverWatchTest, OldProbesCountForNothing) {
  AfterFailedProbes(1);
  Step();
  IsDeaf();
  for (auto& [node, host] : view_.nodes) host.report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_NO);
  EXPECT_FALSE(AfterProbes(1).tell.has_value()) << "there is no DC";
  now_ += absl::Minutes(2);
  for (auto& [node, host] : view_.nodes) host.report.mutable_cluster()->set_dc_with_quorum(v1::ANSWER_YES);
  Looked();
  const RecoverWatch::Todo todo = Step();
  EXPECT_FALSE(todo.tell.has_value());
  EXPECT_THAT(todo.probe, testing::ElementsAre(kNode));
  EXPECT_TRUE(AfterProbes(1).tell.has_value());
}

TEST_F(RecoverWatchTest, SilenceIsNotToldTooOftenEither) {
  AfterFailedProbes(1);
  Step();
  IsDeaf();
  ASSERT_TRUE(AfterProbes(1).tell.has_value());
  Runs(kNode, 101);
  Serves();
  Step();
  IsDeaf();
  const RecoverWatch::Todo soon = AfterProbes(1);
  EXPECT_FALSE(soon.tell.has_value());
  ASSERT_EQ(soon.say.size(), 1u);
  EXPECT_THAT(soon.say[0], HasSubstr("web on node-01 is active and does not serve: no HTTP answer on port 8080"));
  EXPECT_THAT(soon.say[0], HasSubstr("Pacemaker is told of it later, because Pacemaker was told of 1 failures"));
  Step(absl::Seconds(11));
  EXPECT_TRUE(AfterProbes(1).say.empty()) << "said once";
  Step(absl::Seconds(30));
  EXPECT_TRUE(AfterProbes(2).tell.has_value());
}

}  // namespace
}  // namespace jettyfleet
