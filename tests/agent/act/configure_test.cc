#include <iterator>

#include "tests/agent/act/actor_fixture.h"

namespace jettyfleet {
namespace {

class ConfigureTest : public ActorFixture {
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

TEST_F(ConfigureTest, CreatedThenClonedThenUnchanged) {
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

TEST_F(ConfigureTest, WithoutLimitsNoMetaIsGiven) {
  ASSERT_THAT(Execute(Create()), IsDone());
  EXPECT_THAT(Execute(Clone("shop", 0, 0)), IsDone());
  EXPECT_THAT(cluster_.calls, testing::Contains("pcs resource clone shop"));
}

TEST_F(ConfigureTest, WhatExistsDifferentlyIsLeftAsItIs) {
  EXPECT_THAT(Execute(Create("jetty", "jetty9", 10)), IsRefused("monitor interval is '30s', not 10s"));
  EXPECT_THAT(Execute(Create("jetty", "tomcat", 30)), IsRefused("systemd:jetty9, not systemd:tomcat"));
  EXPECT_THAT(Execute(Create("jetty-clone", "jetty9", 30)), IsRefused("something else named"));
  EXPECT_THAT(Execute(Clone("jetty", 3, 0)), IsRefused("jetty-clone has clone-max=2, not 3"));
  EXPECT_THAT(Execute(Clone("jetty", 2, 1)), IsRefused("jetty-clone has no clone-node-max"));
  EXPECT_THAT(Execute(Clone("jetty", 2, 0)), IsDone());
  EXPECT_THAT(Execute(Clone("nothing")), IsRefused("no primitive resource nothing"));
}

TEST_F(ConfigureTest, AttributesThatLandOnThePrimitiveAreAFailure) {
  ASSERT_THAT(Execute(Create()), IsDone());
  cluster_.pcs_misplaces_meta = true;
  EXPECT_THAT(Execute(Clone()), IsFailed("clone-max landed on the primitive instead of shop-clone"));
}

TEST_F(ConfigureTest, PcsIsNotBelievedWithoutALook) {
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

TEST_F(ConfigureTest, CreatedWithAllThatADescriptionCanSay) {
  // What pcs 0.11.5 makes of it is told to the fake, whose own create knows no more than a monitor's interval.
  v1::Action action = Create("shop", "jetty9", 10);
  v1::CreateResource& act = *action.mutable_create_resource();
  act.mutable_monitor_timeout()->set_seconds(20);
  act.mutable_start_timeout()->set_seconds(60);
  act.mutable_stop_timeout()->set_seconds(90);
  act.set_on_fail("fence");
  v1::MetaAttribute* const meta = act.add_meta();
  meta->set_name("migration-threshold");
  meta->set_value("3");
  cluster_.BeforeNext("pcs", [this] {
    cluster_.Append("//resources",
                    "<primitive id='shop' class='systemd' type='jetty9'><operations>"
                    "<op name='monitor' interval='10s' timeout='20s' on-fail='fence'/><op name='start' timeout='60s'/>"
                    "<op name='stop' timeout='90s'/></operations><meta_attributes>"
                    "<nvpair name='migration-threshold' value='3'/></meta_attributes></primitive>");
  });
  EXPECT_THAT(Execute(action), IsDone());
  EXPECT_THAT(cluster_.calls,
              testing::Contains("pcs resource create shop systemd:jetty9 op monitor interval=10s timeout=20s "
                                "on-fail=fence start timeout=60s stop timeout=90s meta migration-threshold=3"));
}

struct ChangeCase {
  const char* name;
  std::function<void(v1::Action&)> make;
  const char* command;
  const char* then;  // what the CIB holds afterwards
};

v1::MetaAttribute* Meta(v1::Action& action, const char* target, const char* name, const char* value) {
  action.mutable_set_meta()->set_target(target);
  v1::MetaAttribute* const meta = action.mutable_set_meta()->add_meta();
  meta->set_name(name);
  meta->set_value(value);
  return meta;
}

const ChangeCase kChanges[] = {
    {"interval",
     [](v1::Action& a) {
       a.mutable_set_operation()->set_resource("jetty");
       a.mutable_set_operation()->set_operation("monitor");
       a.mutable_set_operation()->mutable_interval()->set_seconds(10);
     },
     "pcs resource update jetty op monitor interval=10s",
     "//primitive[@id='jetty']//op[@name='monitor'][@interval='10s']"},
    {"start timeout",
     [](v1::Action& a) {
       a.mutable_set_operation()->set_resource("jetty");
       a.mutable_set_operation()->set_operation("start");
       a.mutable_set_operation()->mutable_timeout()->set_seconds(60);
     },
     "pcs resource update jetty op start timeout=60s", "//primitive[@id='jetty']//op[@name='start'][@timeout='60s']"},
    {"on-fail",
     [](v1::Action& a) {
       a.mutable_set_operation()->set_resource("jetty");
       a.mutable_set_operation()->set_operation("monitor");
       a.mutable_set_operation()->set_on_fail("fence");
     },
     "pcs resource update jetty op monitor interval=10s on-fail=fence", "//op[@interval='10s'][@on-fail='fence']"},
    {"timeout",
     [](v1::Action& a) {
       a.mutable_set_operation()->set_resource("jetty");
       a.mutable_set_operation()->set_operation("monitor");
       a.mutable_set_operation()->mutable_timeout()->set_seconds(20);
     },
     "pcs resource update jetty op monitor interval=10s on-fail=fence timeout=20s",
     "//op[@interval='10s'][@on-fail='fence'][@timeout='20s']"},
    {"meta of the clone", [](v1::Action& a) { Meta(a, "jetty-clone", "clone-max", "3"); },
     "pcs resource meta jetty-clone clone-max=3", "//clone/meta_attributes/nvpair[@name='clone-max'][@value='3']"},
    {"meta removed", [](v1::Action& a) { Meta(a, "jetty-clone", "clone-max", ""); },
     "pcs resource meta jetty-clone clone-max=", "//clone[not(meta_attributes/nvpair)]"},
    {"avoid",
     [](v1::Action& a) {
       a.mutable_avoid_node()->set_id("jettyfleet-avoid-jetty-clone-node-03");
       a.mutable_avoid_node()->set_resource("jetty-clone");
       a.mutable_avoid_node()->set_node("node-03");
     },
     "pcs -- constraint location add jettyfleet-avoid-jetty-clone-node-03 jetty-clone node-03 -INFINITY",
     "//rsc_location[@id='jettyfleet-avoid-jetty-clone-node-03'][@node='node-03']"},
};

const ChangeCase& kAvoid = kChanges[std::size(kChanges) - 1];

TEST_F(ConfigureTest, EachChangeIsMadeOnceAndThenIsThere) {
  for (const ChangeCase& c : kChanges) {
    SCOPED_TRACE(c.name);
    v1::Action action = NewAction();
    c.make(action);
    EXPECT_THAT(Execute(action), IsDone());
    EXPECT_THAT(cluster_.calls, testing::Contains(c.command));
    EXPECT_TRUE(cluster_.Has(c.then));
    cluster_.calls.clear();
    v1::Action again = NewAction();
    c.make(again);
    EXPECT_THAT(Execute(again), IsDone());
    EXPECT_THAT(cluster_.calls, testing::Not(testing::Contains(c.command)));
  }
}

TEST_F(ConfigureTest, EachChangeNeedsQuorumAndALookAfterwards) {
  for (const ChangeCase& c : kChanges) {
    SCOPED_TRACE(c.name);
    v1::Action action = NewAction();
    c.make(action);
    cluster_.quorumtool_exit = 2;
    EXPECT_THAT(Execute(action), IsRefused("no quorum"));
    cluster_.quorumtool_exit = 0;
    cluster_.Next("pcs", FakeCluster::Exit(0));
    EXPECT_EQ(Execute(action).outcome(), v1::ActionResult::OUTCOME_FAILED) << "pcs is not believed";
  }
}

TEST_F(ConfigureTest, AConstraintGoesAndALeaseDoesNot) {
  cluster_.Append("//constraints",
                  "<rsc_location id='cli-ban-jetty-clone-on-node-01' rsc='jetty-clone' "
                  "node='node-01' score='-INFINITY'/>");
  v1::Action action = NewAction();
  action.mutable_remove_location()->set_id("cli-ban-jetty-clone-on-node-01");
  EXPECT_THAT(Execute(action), IsDone());
  EXPECT_FALSE(cluster_.Has("//rsc_location"));
  v1::Action again = NewAction();
  again.mutable_remove_location()->set_id("cli-ban-jetty-clone-on-node-01");
  EXPECT_THAT(Execute(again), IsDone()) << "it is gone already";
  v1::Action lease = NewAction();
  lease.mutable_remove_location()->set_id("jettyfleet-op-1-node-01");
  EXPECT_THAT(Execute(lease), IsRefused("it is a lease"));
}

TEST_F(ConfigureTest, WhatKeepsInstancesOffANodeIsNoLease) {
  v1::Action action = NewAction();
  kAvoid.make(action);
  ASSERT_THAT(Execute(action), IsDone());
  clock_.Advance(absl::Hours(24));
  Restart();
  Settle();
  EXPECT_TRUE(cluster_.Has(kAvoid.then)) << "a sweep leaves it";
  const auto document = CibDocument::Parse([this] {
    const std::string cib = cluster_.Cib();
    const std::size_t begin = cib.find("<configuration>");
    return cib.substr(begin, cib.find("</configuration>") + 16 - begin);
  }());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_THAT(document->Ours(), testing::IsEmpty());
}

TEST_F(ConfigureTest, ImpossibleChangesAreRefused) {
  cluster_.Append("//primitive[@id='jetty']/operations", "<op name='monitor' interval='60s'/>");
  v1::Action two = NewAction();
  kChanges[0].make(two);
  EXPECT_THAT(Execute(two), IsRefused("jetty has 2 operations named monitor"));
  v1::Action nobody = NewAction();
  Meta(nobody, "nobody", "clone-max", "3");
  EXPECT_THAT(Execute(nobody), IsRefused("no resource nobody"));
  v1::Action node = NewAction();
  kAvoid.make(node);
  node.mutable_avoid_node()->set_node("node-09");
  EXPECT_THAT(Execute(node), IsRefused("no node node-09"));
}

TEST_F(ConfigureTest, WhatPcsWouldDropOrReplaceIsRefused) {
  cluster_.Remove("//primitive[@id='jetty']//op");
  cluster_.Append("//primitive[@id='jetty']/operations",
                  "<op name='monitor' interval='30s'><instance_attributes><nvpair name='OCF_CHECK_LEVEL' value='10'/>"
                  "</instance_attributes></op>");
  v1::Action nested = NewAction();
  kChanges[0].make(nested);
  EXPECT_THAT(Execute(nested), IsRefused("such as OCF_CHECK_LEVEL, which pcs would drop"));
  cluster_.Append("//constraints",
                  "<rsc_location id='location-jetty-clone-node-03-50' rsc='jetty-clone' "
                  "node='node-03' score='50'/>");
  const std::string before = cluster_.Cib();
  v1::Action avoid = NewAction();
  kAvoid.make(avoid);
  EXPECT_THAT(Execute(avoid), IsRefused("the constraint location-jetty-clone-node-03-50 is about jetty-clone"));
  EXPECT_EQ(cluster_.Cib(), before);
}

TEST_F(ConfigureTest, WhatIsAlreadyGoneIsClean) {
  const char* const kGone = "crm_resource: Resource 'shop' not found\nError performing operation: No such object\n";
  v1::Action orphan = NewAction();
  orphan.mutable_cleanup_resource()->set_resource("shop");
  cluster_.Next("pcs", FakeCluster::Exit(1, "", kGone));
  EXPECT_THAT(Execute(orphan), IsDone());
  v1::Action node = NewAction();
  node.mutable_cleanup_resource()->set_resource("shop");
  node.mutable_cleanup_resource()->set_node("node-09");
  cluster_.Next("pcs", FakeCluster::Exit(1, "", "crm_resource: Node 'node-09' not found\n"));
  EXPECT_THAT(Execute(node), IsFailed("Node 'node-09' not found"));
}

TEST_F(ConfigureTest, ACleanupIsBelievedByItsExit) {
  v1::Action action = NewAction();
  action.mutable_cleanup_resource()->set_resource("jetty");
  action.mutable_cleanup_resource()->set_node("node-03");
  EXPECT_THAT(Execute(action), IsDone());
  EXPECT_THAT(cluster_.calls, testing::Contains("pcs resource cleanup jetty node=node-03"));
  v1::Action fails = NewAction();
  fails.mutable_cleanup_resource()->set_resource("jetty");
  cluster_.Next("pcs", FakeCluster::Exit(1, "", "Error: Could not connect\n"));
  EXPECT_THAT(Execute(fails), IsFailed("Could not connect"));
}

TEST_F(ConfigureTest, WithoutQuorumNothingIsCreated) {
  cluster_.dc_has_quorum = false;
  const std::string before = cluster_.Cib();
  EXPECT_THAT(Execute(Create()), IsRefused("no quorum"));
  EXPECT_THAT(Execute(Clone("jetty", 2, 0)), IsDone()) << "nothing to change";
  EXPECT_EQ(cluster_.Cib(), before);
}

TEST_F(ConfigureTest, ItGivesWayWhileTheClusterIsInTransition) {
  cluster_.controller_state = "S_TRANSITION_ENGINE";
  const v1::ActionResult refused = Execute(Create());
  EXPECT_THAT(refused, IsRefused("the cluster is in transition (S_TRANSITION_ENGINE on node-0"));
  EXPECT_TRUE(refused.in_transition());
  EXPECT_THAT(cluster_.calls, testing::Each(testing::Not(testing::StartsWith("pcs"))));

  v1::Action all_the_same = Create();
  all_the_same.set_also_in_transition(true);
  EXPECT_THAT(Execute(all_the_same), IsDone());
}

TEST_F(ConfigureTest, AControllerThatDoesNotSayIsNotAtRest) {
  cluster_.Next("crmadmin", FakeCluster::Exit(124, "<pacemaker-result><status code=\"124\"/></pacemaker-result>"));
  const v1::ActionResult refused = Execute(Create());
  EXPECT_THAT(refused, IsRefused("cannot find out whether the cluster is at rest: crmadmin: "));
  EXPECT_TRUE(refused.in_transition());
  EXPECT_THAT(Execute(Create()), IsDone());
}

}  // namespace
}  // namespace jettyfleet
