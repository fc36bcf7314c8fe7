#include "agent/observe/host_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/agent/canned_haproxy.h"
#include "tests/testing/agent/fake_systemd.h"
#include "tests/testing/agent/loop_until.h"
#include "tests/testing/agent/scripted_runner.h"
#include "tests/testing/agent/tiny_http_server.h"
#include "tests/testing/files/fixture.h"
#include "tests/testing/files/temporary_directory.h"

namespace jettyfleet {
namespace {

using testing::SizeIs;

v1::Observe Everything() {
  v1::Observe what;
  what.set_cluster(true);
  what.set_cib(true);
  what.set_units(true);
  what.set_http(true);
  what.set_lb_servers(true);
  return what;
}

// Observes a node whose Jetty is this test process's own little server.
class HostObserverTest : public testing::Test {
 protected:
  HostObserverTest()
      : loop_(*Loop::Create()),
        systemd_(*loop_),
        runner_(*loop_),
        server_("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        observer_(*loop_, runner_,
                  {.kind = v1::Hello::KIND_NODE,
                   .haproxy_socket = "",
                   .open_bus = [this](sd_bus** bus) { return systemd_.Open(bus); }},
                  [this](v1::HostChange change) { received_.MergeFrom(change); }) {
    systemd_.units["jetty9.service"] = {.active_state = "active", .sub_state = "running"};
    runner_.answers["crm_mon"] = ScriptedRunner::Exit(0, ClusterFixture("crm_mon-healthy.xml"));
    runner_.answers["corosync-quorumtool"] = ScriptedRunner::Exit(0, ClusterFixture("quorumtool-quorate.txt"));
    runner_.answers["crmadmin"] = ScriptedRunner::Exit(0, ClusterFixture("crmadmin-status-idle.xml"));
    runner_.answers["cibadmin"] = ScriptedRunner::Exit(0, ClusterFixture("cibadmin-healthy.xml"));
    runner_.answers["journalctl"] = ScriptedRunner::Exit(0, "");
  }

  v1::Watch Watch() const {
    v1::Watch watch;
    v1::WatchedResource* const resource = watch.add_resources();
    resource->set_resource("jetty");
    resource->set_unit("jetty9.service");
    resource->add_ports(server_.port());
    resource->set_health_port(server_.port());
    return watch;
  }
  void Observe(const v1::Observe& what) {
    bool done = false;
    observer_.Observe(what, [&done] {
      EXPECT_FALSE(done);
      done = true;
    });
    EXPECT_TRUE(LoopUntil(*loop_, [&done] { return done; }));
  }

  std::unique_ptr<Loop> loop_;
  FakeSystemd systemd_;
  ScriptedRunner runner_;
  TinyHttpServer server_;
  v1::HostChange received_;
  HostObserver observer_;
};

TEST_F(HostObserverTest, EverythingAskedForHasBeenPassedOnBeforeDone) {
  observer_.Start();
  observer_.SetWatch(Watch());
  Observe(Everything());
  received_.Clear();
  Observe(Everything());  // nothing has changed since
  EXPECT_THAT(received_.units(), SizeIs(1));
  EXPECT_THAT(received_.ports(), SizeIs(1));
  EXPECT_THAT(received_.http(), SizeIs(1));
  EXPECT_EQ(received_.http(0).healthy(), v1::ANSWER_YES);
  EXPECT_EQ(received_.cluster().dc(), "node-03");
  EXPECT_THAT(received_.cib().primitives(), SizeIs(1));
  EXPECT_THAT(received_.lb_servers(), SizeIs(0));
}

TEST_F(HostObserverTest, OnlyWhatIsAskedForIsRead) {
  observer_.Start();
  observer_.SetWatch(Watch());
  Observe(Everything());
  runner_.calls.clear();
  v1::Observe what;
  what.set_cib(true);
  Observe(what);
  EXPECT_THAT(runner_.calls, testing::ElementsAre("cibadmin --query"));
  Observe(v1::Observe());
}

TEST_F(HostObserverTest, TheSnapshotHoldsEverythingKnown) {
  EXPECT_EQ(observer_.Snapshot().ByteSizeLong(), 0u);
  observer_.Start();
  observer_.SetWatch(Watch());
  Observe(Everything());
  const v1::HostReport report = observer_.Snapshot();
  ASSERT_THAT(report.units(), SizeIs(1));
  EXPECT_EQ(report.units(0).unit(), "jetty9.service");
  ASSERT_THAT(report.ports(), SizeIs(1));
  EXPECT_EQ(report.ports(0).bound(), v1::ANSWER_YES);
  ASSERT_THAT(report.http(), SizeIs(1));
  EXPECT_EQ(report.http(0).healthy(), v1::ANSWER_YES);
  EXPECT_TRUE(report.has_cluster());
  EXPECT_TRUE(report.has_cib());
}

TEST_F(HostObserverTest, ADyingUnitIsToldBeforeAnythingElseAndItsHealthFollows) {
  observer_.Start();
  observer_.SetWatch(Watch());
  Observe(Everything());
  received_.Clear();
  server_.SetAnswer("HTTP/1.1 503 Gone\r\nContent-Length: 0\r\n\r\n");
  systemd_.units["jetty9.service"] = {.active_state = "failed", .sub_state = "failed", .result = "signal"};
  systemd_.SendPropertiesChanged("jetty9.service");
  ASSERT_TRUE(LoopUntil(*loop_, [this] { return received_.units_size() > 0; }));
  EXPECT_THAT(received_.http(), SizeIs(0));
  EXPECT_TRUE(LoopUntil(*loop_, [this] { return received_.http_size() > 0; }));
  EXPECT_EQ(received_.http(0).healthy(), v1::ANSWER_NO);
}

TEST_F(HostObserverTest, WhatLeavesItIsFitForTheWire) {
  runner_.answers["journalctl"] = ScriptedRunner::Exit(0, "caf\xe9 \x1b[31m closed\n");
  systemd_.units["jetty9.service"] = {.active_state = "failed", .sub_state = "failed", .result = "signal"};
  observer_.Start();
  ASSERT_TRUE(LoopUntil(*loop_, [this] {
    return received_.units_size() > 0 && received_.units(received_.units_size() - 1).journal_tail_size() > 0;
  }));
  EXPECT_EQ(received_.units(received_.units_size() - 1).journal_tail(0), "caf? ?[31m closed");
  EXPECT_EQ(observer_.Snapshot().units(0).journal_tail(0), "caf? ?[31m closed");
}

TEST(LoadBalancerTest, OnlyItsServersAreObserved) {
  const std::unique_ptr<Loop> loop = *Loop::Create();
  const TemporaryDirectory directory;
  CannedHaproxy haproxy(*loop, directory / "admin.sock");
  haproxy.answers["show stat"] = ClusterFixture("haproxy-show-stat-healthy.csv");
  haproxy.answers["show servers state"] = ClusterFixture("haproxy-show-servers-state-healthy.txt");
  ScriptedRunner runner(*loop);
  v1::HostChange received;
  HostObserver observer(*loop, runner,
                        {.kind = v1::Hello::KIND_LOAD_BALANCER,
                         .haproxy_socket = directory / "admin.sock",
                         .open_bus = [](sd_bus**) { return -ENOENT; }},
                        [&received](v1::HostChange change) { received.MergeFrom(change); });
  observer.Start();
  v1::Watch watch;
  v1::WatchedServer* const server = watch.add_servers();
  server->set_backend("jetty");
  server->set_server("node-01");
  server->set_node("node-01");
  observer.SetWatch(watch);
  bool done = false;
  observer.Observe(Everything(), [&done] { done = true; });
  ASSERT_TRUE(LoopUntil(*loop, [&done] { return done; }));
  EXPECT_TRUE(runner.calls.empty());
  EXPECT_THAT(observer.Snapshot().lb_servers(), SizeIs(3)) << "with the others of its backend";
  EXPECT_THAT(received.units(), SizeIs(0));
  EXPECT_GE(received.lb_servers_size(), 1);
}

}  // namespace
}  // namespace jettyfleet
