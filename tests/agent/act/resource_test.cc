#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

class ResourceTest : public ActorFixture {
 protected:
  v1::Action Create(const std::string& name = "shop", const std::string& unit = "jetty@blue", int interval = 20) {
    v1::Action action = NewAction();
    action.mutable_create_resource()->set_name(name);
    action.mutable_create_resource()->set_unit(unit);
    action.mutable_create_resource()->mutable_monitor_interval()->set_seconds(interval);
    return action;
  }
  v1::Action Clone(const std::string& name = "shop", uint32_t clone_max = 2, uint32_t node_max = 1) {
    v1::Action action = NewAction();
    action.mutable_clone_resource()->set_name(name);
    action.mutable_clone_resource()->set_clone_max(clone_max);
    action.mutable_clone_resource()->set_clone_node_max(node_max);
    return action;
  }
};

TEST_F(ResourceTest, CreatedThenClonedThenUnchanged) {
  EXPECT_THAT(Execute(Create()), IsDone());
  EXPECT_TRUE(
      cluster_.Has("//resources/primitive[@id='shop'][@class='systemd'][@type='jetty@blue']//op[@interval='20s']"));
  EXPECT_THAT(Execute(Create()), IsDone());
  EXPECT_THAT(Execute(Clone()), IsDone());
  EXPECT_TRUE(
      cluster_.Has("//clone[primitive/@id='shop']/meta_attributes[nvpair[@name='clone-max'][@value='2']]"
                   "[nvpair[@name='clone-node-max'][@value='1']]"));
  const std::string whole = cluster_.Cib();
  cluster_.calls.clear();
  EXPECT_THAT(Execute(Clone()), IsDone());
  EXPECT_THAT(Execute(Create()), IsDone());
  EXPECT_EQ(cluster_.Cib(), whole);
  EXPECT_THAT(cluster_.calls, testing::Each(testing::StartsWith("cibadmin --query")));
}

TEST_F(ResourceTest, WithoutLimitsNoMetaIsGiven) {
  ASSERT_THAT(Execute(Create()), IsDone());
  EXPECT_THAT(Execute(Clone("shop", 0, 0)), IsDone());
  EXPECT_THAT(cluster_.calls, testing::Contains("pcs resource clone shop"));
}

TEST_F(ResourceTest, WhatExistsDifferentlyIsLeftAsItIs) {
  EXPECT_THAT(Execute(Create("jetty", "jetty9", 10)), IsRefused("monitor interval is '30s', not 10s"));
  EXPECT_THAT(Execute(Create("jetty", "tomcat", 30)), IsRefused("systemd:jetty9, not systemd:tomcat"));
  EXPECT_THAT(Execute(Create("jetty-clone", "jetty9", 30)), IsRefused("something else named"));
  EXPECT_THAT(Execute(Clone("jetty", 3, 0)), IsRefused("jetty-clone has clone-max=2, not 3"));
  EXPECT_THAT(Execute(Clone("jetty", 2, 1)), IsRefused("jetty-clone has no clone-node-max"));
  EXPECT_THAT(Execute(Clone("jetty", 2, 0)), IsDone());
  EXPECT_THAT(Execute(Clone("nothing")), IsRefused("no primitive resource nothing"));
}

TEST_F(ResourceTest, AttributesThatLandOnThePrimitiveAreAFailure) {
  ASSERT_THAT(Execute(Create()), IsDone());
  cluster_.pcs_misplaces_meta = true;
  EXPECT_THAT(Execute(Clone()), IsFailed("clone-max landed on the primitive instead of shop-clone"));
}

TEST_F(ResourceTest, PcsIsNotBelievedWithoutALook) {
  cluster_.Next("pcs", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Create()), IsFailed("not created"));
  cluster_.Next("pcs", FakeCluster::Exit(1, "",
                                         "Error: Agent 'systemd:jetty@blue' is not installed\n"
                                         "Error: Errors have occurred, therefore pcs is unable to continue\n"));
  EXPECT_THAT(Execute(Create()), IsFailed("unable to continue"));
  cluster_.Next("pcs", FakeCluster::Hang());
  EXPECT_THAT(Execute(Create()), IsTimedOut("not created"));
  cluster_.Next("pcs", FakeCluster::Exit(1, "", "Error: late\n"), /*after_effect=*/true);
  EXPECT_THAT(Execute(Create()), IsDone());
  cluster_.Next("pcs", FakeCluster::Exit(0));
  EXPECT_THAT(Execute(Clone()), IsFailed("not cloned"));
}

TEST_F(ResourceTest, WithoutQuorumNothingIsCreated) {
  cluster_.dc_has_quorum = false;
  const std::string before = cluster_.Cib();
  EXPECT_THAT(Execute(Create()), IsRefused("no quorum"));
  EXPECT_THAT(Execute(Clone("jetty", 2, 0)), IsDone()) << "nothing to change";
  EXPECT_EQ(cluster_.Cib(), before);
}

}  // namespace
}  // namespace jettyfleet
