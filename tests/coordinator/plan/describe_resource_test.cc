// What the CIB says of one resource, through Describe.
#include "coordinator/plan/describe_resource.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "coordinator/plan/describe.h"
#include "tests/coordinator/plan/handmade_cluster.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::HasSubstr;

using DescribeResourceTest = HandmadeCluster;

TEST_F(DescribeResourceTest, WhatTheCibDoesNotStateIsNotDescribed) {
  v1::PrimitiveFact* const web = AddClone("web", "jetty@blue");
  web->mutable_operations()->DeleteSubrange(1, 2);
  const DescribeResult result = Described();
  EXPECT_TRUE(PlanIsEmpty(result));
  const v1::ResourceDescription& resource = result.description.resources(0);
  EXPECT_EQ(resource.unit(), "jetty@blue");
  EXPECT_FALSE(resource.has_start_timeout());
  EXPECT_FALSE(resource.has_stop_timeout());
  EXPECT_FALSE(resource.has_monitor_timeout());
  EXPECT_EQ(resource.on_fail(), "");
  EXPECT_EQ(resource.clone_max(), 0u);
  EXPECT_EQ(resource.clone_node_max(), 1u);
  EXPECT_EQ(resource.interleave(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(resource.ordered(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(resource.migration_threshold(), 0u);
  EXPECT_FALSE(resource.has_failure_timeout());
  EXPECT_EQ(result.description.nodes_size(), 0);
}

// Each of what a hand-made cluster may hold and a description cannot say, and the remark that it gets.
TEST_F(DescribeResourceTest, WhatCannotBeSaidIsRemarked) {
  const struct {
    std::function<void(v1::PrimitiveFact*)> change;
    const char* remark;
    bool plan_is_empty;
  } cases[] = {
      {[](auto* web) { Set(web->mutable_meta(), "resource-stickiness", "100"); },
       "web: meta attribute resource-stickiness=100 cannot be described; apply leaves it as it is", true},
      {[](auto* web) { Set(web->mutable_clone_meta(), "notify", "true"); },
       "web-clone: meta attribute notify=true of the clone cannot be described", true},
      {[](auto* web) { Set(web->mutable_clone_meta(), "failure-timeout", "60s"); },
       "web-clone: meta attribute failure-timeout=60s of the clone cannot be described", true},
      {[](auto* web) { Set(web->mutable_meta(), "migration-threshold", "0"); },
       "web: meta attribute migration-threshold=0 cannot be described", true},
      {[](auto* web) { Set(web->mutable_meta(), "failure-timeout", "P1DT"); },
       "web: failure-timeout is \"P1DT\", and a description can only say whole seconds, 1s to 24h", true},
      {[](auto* web) { web->mutable_operations(0)->set_timeout("500ms"); }, "web: timeout of monitor is \"500ms\"",
       true},
      {[](auto* web) { web->mutable_operations(1)->set_timeout("2h"); },
       "web: timeout of start is \"2h\", and a description can only say whole seconds, 1s to 1h", true},
      {[](auto* web) { web->mutable_operations(0)->set_on_fail("demote"); },
       "web: on-fail=demote of monitor cannot be described", true},
      {[](auto* web) { web->mutable_operations(2)->set_on_fail("block"); },
       "web: on-fail=block of stop cannot be described", true},
      {[](auto* web) { Operation(web, "reload", "0s", "10s"); },
       "web: operation reload (interval 0s) cannot be described", true},
      {[](auto* web) { web->mutable_operations(0)->set_interval("0s"); }, "web: interval of monitor is \"0s\"", false},
      {[](auto* web) { web->mutable_operations()->DeleteSubrange(0, 1); }, "apply would set interval=10s", false},
      {[](auto* web) { Operation(web, "monitor", "60s", ""); }, "web has 2 monitors", false},
      {[](auto* web) { Set(web->mutable_clone_meta(), "clone-node-max", "2"); }, "clone-node-max is 2", false},
      {[](auto* web) { Set(web->mutable_clone_meta(), "clone-max", "0"); }, "clone-max is 0", false},
      {[](auto* web) { Set(web->mutable_clone_meta(), "clone-max", "many"); }, "clone-max is many", false},
      {[](auto* web) { Set(web->mutable_meta(), "clone-max", "3"); },
       "clone-max=3 stands on the primitive web, where it does nothing", false},
      {[](auto* web) { Set(web->mutable_meta(), "is-managed", "false"); }, "web is not managed", false},
      {[](auto* web) { Set(web->mutable_clone_meta(), "target-role", "Stopped"); }, "web-clone is disabled", false},
      {[](auto* web) { web->clear_clone(); },
       "apply would clone web with clone-max=3 clone-node-max=1, because web is "
       "not cloned",
       false},
      {[](auto* web) { web->set_group("stack"); }, "web is in the group stack", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.remark);
    cib().Clear();
    c.change(AddClone("web", "jetty9"));
    const DescribeResult result = Described();
    EXPECT_THAT(result.remarks, Contains(HasSubstr(c.remark)));
    EXPECT_EQ(result.description.resources_size(), 1);
    EXPECT_EQ(PlanIsEmpty(result), c.plan_is_empty);
  }
}

TEST_F(DescribeResourceTest, InfinityIsWhatPacemakerDoesAnyway) {
  Set(AddClone("web", "jetty9")->mutable_meta(), "migration-threshold", "INFINITY");
  const DescribeResult result = Described();
  EXPECT_EQ(result.description.resources(0).migration_threshold(), 0u);
  EXPECT_TRUE(PlanIsEmpty(result));
}

TEST_F(DescribeResourceTest, MoreInstancesThanNodesThatAreLeft) {
  Set(AddClone("web", "jetty9")->mutable_clone_meta(), "clone-max", "3");
  Location("ban", "web-clone", "node-03", "-INFINITY");
  const DescribeResult result = Described();
  EXPECT_EQ(result.description.resources(0).clone_max(), 0u);
  EXPECT_EQ(result.description.resources(0).min_serving(), 1u);
}

TEST_F(DescribeResourceTest, OneNodeHasNoOthersThatCouldServe) {
  AddClone("web", "jetty9");
  for (auto& [name, host] : view_.nodes) host.report.mutable_cluster()->mutable_nodes()->DeleteSubrange(0, 1);
  for (auto& [name, host] : view_.nodes) host.report.mutable_cluster()->mutable_nodes()->DeleteSubrange(1, 1);
  EXPECT_EQ(Described().description.resources(0).min_serving(), 0u);
}

}  // namespace
}  // namespace jettyfleet
