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

// Two nodes that run the clone, everything seen just now; the resource is described with recover: at-once.
class RecoverWatchTest : public testing::Test {
 protected:
  RecoverWatchTest() {
    v1::ResourceDescription* const resource = view_.description.add_resources();
    resource->set_name("jetty");
    resource->set_unit("jetty9");
    resource->set_recover(v1::RECOVER_AT_ONCE);
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
      Runs(node, 100);
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

}  // namespace
}  // namespace jettyfleet
