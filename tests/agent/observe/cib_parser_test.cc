#include "agent/observe/cib_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "common/proto_time.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

v1::CibFact Parse(const std::string& fixture) {
  absl::StatusOr<v1::CibFact> fact = ParseCib(ClusterFixture(fixture));
  EXPECT_TRUE(fact.ok()) << fixture << ": " << fact.status();
  return fact.ok() ? *std::move(fact) : v1::CibFact();
}

std::map<std::string, std::string> ToMap(const google::protobuf::RepeatedPtrField<v1::MetaAttribute>& attributes) {
  std::map<std::string, std::string> map;
  for (const v1::MetaAttribute& attribute : attributes) map[attribute.name()] = attribute.value();
  return map;
}

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(CibParserTest, AHealthyConfiguration) {
  const v1::CibFact fact = Parse("cibadmin-healthy.xml");
  ASSERT_THAT(fact.primitives(), SizeIs(1));
  const v1::PrimitiveFact& jetty = fact.primitives(0);
  EXPECT_EQ(jetty.id(), "jetty");
  EXPECT_EQ(jetty.resource_class(), "systemd");
  EXPECT_EQ(jetty.provider(), "");
  EXPECT_EQ(jetty.type(), "jetty9");
  EXPECT_EQ(jetty.monitor_interval(), "30s");
  EXPECT_EQ(jetty.clone(), "jetty-clone");
  EXPECT_THAT(jetty.meta(), IsEmpty());
  EXPECT_THAT(ToMap(jetty.clone_meta()), ElementsAre(Pair("clone-max", "3"), Pair("clone-node-max", "1")));
  EXPECT_THAT(ToMap(fact.properties()), Contains(Pair("stonith-enabled", "false")));
  EXPECT_THAT(ToMap(fact.properties()), Contains(Pair("cluster-name", "lab")));
  EXPECT_THAT(fact.ours(), IsEmpty());
  EXPECT_THAT(fact.locations(), IsEmpty());
  EXPECT_THAT(fact.fence_devices(), IsEmpty());
}

TEST(CibParserTest, TheVersionIsOfTheWholeCib) { EXPECT_EQ(Parse("cibadmin-lock.xml").version(), "0.11.0"); }

TEST(CibParserTest, AttributesThatLandedOnThePrimitiveAreSeenThere) {
  const v1::CibFact fact = Parse("cibadmin-clone-max-on-primitive.xml");
  for (const v1::PrimitiveFact& primitive : fact.primitives()) {
    if (primitive.id() != "jetty") continue;
    EXPECT_EQ(ToMap(primitive.meta())["clone-max"], "3");
    EXPECT_EQ(ToMap(primitive.clone_meta()).count("clone-max"), 0u);
    return;
  }
  ADD_FAILURE() << "no primitive jetty";
}

TEST(CibParserTest, FenceDevicesAreNamed) {
  EXPECT_THAT(Parse("cibadmin-healthy-fencing.xml").fence_devices(), ElementsAre("switch"));
}

TEST(CibParserTest, OurEvictRule) {
  const v1::CibFact fact = Parse("cibadmin-evict-rule.xml");
  ASSERT_THAT(fact.ours(), SizeIs(1));
  EXPECT_EQ(fact.ours(0).kind(), v1::CibEntryFact::KIND_EVICT_RULE);
  EXPECT_EQ(fact.ours(0).id(), "jettyfleet-d-1-node-02");
  EXPECT_EQ(fact.ours(0).node(), "node-02");
  EXPECT_EQ(FromProto(fact.ours(0).ends_at()), At("2026-11-23T00:42:33Z"));
  EXPECT_THAT(fact.locations(), IsEmpty());
}

TEST(CibParserTest, OurStandbySet) {
  const v1::CibFact fact = Parse("cibadmin-standby-lease.xml");
  ASSERT_THAT(fact.ours(), SizeIs(1));
  EXPECT_EQ(fact.ours(0).kind(), v1::CibEntryFact::KIND_STANDBY_SET);
  EXPECT_EQ(fact.ours(0).id(), "jettyfleet-d-1-node-02");
  EXPECT_EQ(fact.ours(0).node(), "node-02");
  EXPECT_EQ(FromProto(fact.ours(0).ends_at()), At("2026-11-23T00:43:28Z"));
}

TEST(CibParserTest, AnOperatorsStandbyIsNotOurs) {
  EXPECT_THAT(Parse("cibadmin-standby-permanent.xml").ours(), IsEmpty());
}

TEST(CibParserTest, OurLock) {
  const v1::CibFact fact = Parse("cibadmin-lock.xml");
  ASSERT_THAT(fact.ours(), SizeIs(1));
  const v1::CibEntryFact& lock = fact.ours(0);
  EXPECT_EQ(lock.kind(), v1::CibEntryFact::KIND_LOCK);
  EXPECT_EQ(lock.id(), "jettyfleet-lock");
  EXPECT_EQ(lock.holder(), "3f0c");
  EXPECT_EQ(lock.epoch(), 3u);
  EXPECT_EQ(lock.operation_id(), "d-1");
  EXPECT_EQ(FromProto(lock.ends_at()), At("2026-11-23T01:00:00Z"));
  // What it holds are no properties of the cluster.
  for (const v1::MetaAttribute& property : fact.properties()) EXPECT_NE(property.name(), "jettyfleet-holder");
}

TEST(CibParserTest, OtherPeoplesConstraintsAreForeign) {
  std::string xml = ClusterFixture("cibadmin-evict-rule.xml");
  const std::size_t end = xml.find("</constraints>");
  xml.insert(
      end,
      "<rsc_location id=\"cli-ban-jetty-clone-on-node-01\" rsc=\"jetty-clone\" node=\"node-01\" score=\"-INFINITY\"/>");
  const absl::StatusOr<v1::CibFact> fact = ParseCib(xml);
  ASSERT_TRUE(fact.ok()) << fact.status();
  ASSERT_EQ(fact->locations_size(), 1);
  EXPECT_EQ(fact->locations(0).id(), "cli-ban-jetty-clone-on-node-01");
  EXPECT_THAT(fact->ours(), SizeIs(1));
}

TEST(CibParserTest, OperationsGroupsAndLocationsOfALiveCluster) {
  const v1::CibFact fact = Parse("cibadmin-operations-group-bans.xml");
  std::map<std::string, v1::PrimitiveFact> primitives;
  for (const v1::PrimitiveFact& primitive : fact.primitives()) primitives[primitive.id()] = primitive;
  ASSERT_THAT(primitives, SizeIs(4));

  const v1::PrimitiveFact& jetty = primitives["jetty"];
  EXPECT_EQ(jetty.group(), "");
  EXPECT_EQ(jetty.monitor_interval(), "15s");
  ASSERT_THAT(jetty.operations(), SizeIs(3));
  EXPECT_EQ(jetty.operations(0).name(), "monitor");
  EXPECT_EQ(jetty.operations(0).interval(), "15s");
  EXPECT_EQ(jetty.operations(0).timeout(), "20s");
  EXPECT_EQ(jetty.operations(0).on_fail(), "block");
  EXPECT_EQ(jetty.operations(1).name(), "start");
  EXPECT_EQ(jetty.operations(1).timeout(), "70s");
  EXPECT_EQ(jetty.operations(2).name(), "stop");
  EXPECT_THAT(ToMap(jetty.meta()), ElementsAre(Pair("failure-timeout", "60s"), Pair("migration-threshold", "3")));
  EXPECT_EQ(ToMap(jetty.clone_meta())["interleave"], "true");

  const v1::PrimitiveFact& grouped = primitives["ip-b"];
  EXPECT_EQ(grouped.group(), "side");
  EXPECT_EQ(grouped.clone(), "");
  EXPECT_EQ(grouped.monitor_interval(), "45s") << "the first of two";
  std::map<std::string, std::string> monitor_roles;
  for (const v1::OperationFact& operation : grouped.operations()) {
    if (operation.name() == "monitor") monitor_roles[operation.interval()] = operation.role();
  }
  EXPECT_THAT(monitor_roles, ElementsAre(Pair("45s", ""), Pair("90s", "Stopped")));

  ASSERT_THAT(fact.locations(), SizeIs(3));
  EXPECT_EQ(fact.locations(0).id(), "cli-ban-jetty-clone-on-node-02");
  EXPECT_EQ(fact.locations(0).node(), "node-02");
  EXPECT_FALSE(fact.locations(0).has_rule());
  EXPECT_TRUE(fact.locations(1).has_rule()) << "the ban with an end";
  EXPECT_EQ(fact.locations(2).id(), "jettyfleet-avoid-side-node-03");
  EXPECT_EQ(fact.locations(2).score(), "-INFINITY");
  EXPECT_THAT(fact.ours(), IsEmpty()) << "what keeps a resource off a node for good is no lease";
}

TEST(CibParserTest, PrimitivesInGroupsAndClonedGroups) {
  const absl::StatusOr<v1::CibFact> fact = ParseCib(
      "<cib admin_epoch=\"1\" epoch=\"2\" num_updates=\"3\"><configuration><resources>"
      "<group id=\"g\"><primitive id=\"ip\" class=\"ocf\" provider=\"heartbeat\" type=\"IPaddr2\"/></group>"
      "<clone id=\"c\"><group id=\"h\"><primitive id=\"web\" class=\"systemd\" type=\"jetty9\"/></group></clone>"
      "</resources></configuration></cib>");
  ASSERT_TRUE(fact.ok()) << fact.status();
  ASSERT_THAT(fact->primitives(), SizeIs(2));
  EXPECT_EQ(fact->primitives(0).provider(), "heartbeat");
  EXPECT_EQ(fact->primitives(0).clone(), "");
  EXPECT_EQ(fact->primitives(0).group(), "g");
  EXPECT_EQ(fact->primitives(1).group(), "h");
  EXPECT_EQ(fact->primitives(0).monitor_interval(), "");
  EXPECT_EQ(fact->primitives(1).clone(), "c");
  EXPECT_EQ(fact->version(), "1.2.3");
}

TEST(CibParserTest, AnEndThatIsNoTimeIsNone) {
  for (const char* const end : {"the day after", "", "infinite-future", "infinite-past", "2026-02-30T00:00:00Z"}) {
    std::string xml = ClusterFixture("cibadmin-evict-rule.xml");
    xml.replace(xml.find("2026-11-23 00:42:33Z"), 20, end);
    const absl::StatusOr<v1::CibFact> fact = ParseCib(xml);
    ASSERT_TRUE(fact.ok()) << fact.status();
    ASSERT_THAT(fact->ours(), SizeIs(1));
    EXPECT_FALSE(fact->ours(0).has_ends_at()) << end;
  }
}

// Each member of a clone repeats the clone's meta attributes, each member of a group its name.
TEST(CibParserTest, ASmallCibCannotMakeLargeFacts) {
  std::string meta, members;
  for (int i = 0; i < 1000; ++i) meta += "<nvpair name='n' value='v'/>";
  for (int i = 0; i < 1000; ++i) members += "<primitive id='p'/>";
  for (const std::string& resources :
       {"<clone id='c'><meta_attributes>" + meta + "</meta_attributes><group id='g'>" + members + "</group></clone>",
        "<group id='" + std::string(20000, 'g') + "'>" + members + "</group>"}) {
    const std::string xml = "<cib><configuration><resources>" + resources + "</resources></configuration></cib>";
    EXPECT_EQ(ParseCib(xml).status().code(), absl::StatusCode::kResourceExhausted);
  }
}

TEST(CibParserTest, WhatIsNoCibIsRefused) {
  const std::string healthy = ClusterFixture("cibadmin-healthy.xml");
  for (const std::string& text :
       {std::string(), std::string("Call failed"), std::string("<cib/>"), std::string("<configuration/>"),
        ClusterFixture("crm_mon-healthy.xml"), healthy.substr(0, healthy.size() / 2)}) {
    EXPECT_EQ(ParseCib(text).status().code(), absl::StatusCode::kInvalidArgument) << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace jettyfleet
