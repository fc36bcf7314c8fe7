// What the tools of Debian 13 print (Pacemaker 3.0, Corosync 3.1.9, HAProxy 3.0) is read as Debian 12's is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/observe/cib_parser.h"
#include "agent/observe/crm_mon.h"
#include "agent/observe/haproxy_stat.h"
#include "agent/observe/quorumtool.h"
#include "common/proto_time.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::string Fixture(const std::string& name) { return ClusterFixture(absl::StrCat("trixie/", name)); }

// Role of the clone's instance that each node holds.
std::map<std::string, std::string> Roles(const v1::ClusterFact& fact) {
  std::map<std::string, std::string> roles;
  for (const v1::InstanceFact& instance : fact.instances()) {
    if (instance.clone() != "jetty-clone") continue;
    for (const std::string& node : instance.nodes()) roles[node] = instance.role();
  }
  return roles;
}

TEST(Debian13Test, AHealthyCluster) {
  const absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(Fixture("crm_mon-healthy.xml"));
  ASSERT_TRUE(fact.ok()) << fact.status();
  EXPECT_EQ(fact->connected(), v1::ANSWER_YES);
  EXPECT_EQ(fact->dc(), "node-03");
  EXPECT_EQ(fact->dc_with_quorum(), v1::ANSWER_YES);
  EXPECT_THAT(fact->pacemaker_version(), HasSubstr("3.0.0"));
  EXPECT_TRUE(fact->stonith_enabled());
  EXPECT_FALSE(fact->maintenance_mode());
  ASSERT_THAT(fact->nodes(), SizeIs(3));
  for (const v1::ClusterNodeFact& node : fact->nodes()) {
    EXPECT_TRUE(node.online() && node.expected_up()) << node.name();
    EXPECT_FALSE(node.standby() || node.unclean() || node.pending() || node.maintenance()) << node.name();
    EXPECT_EQ(node.is_dc(), node.name() == "node-03");
  }
  EXPECT_THAT(Roles(*fact),
              UnorderedElementsAre(Pair("node-01", "Started"), Pair("node-02", "Started"), Pair("node-03", "Started")));
  for (const v1::InstanceFact& instance : fact->instances()) {
    EXPECT_TRUE(instance.active() && instance.managed());
    EXPECT_FALSE(instance.orphaned() || instance.failed() || instance.blocked() || instance.disabled());
  }
  EXPECT_THAT(fact->failures(), IsEmpty());
}

TEST(Debian13Test, ANodeThatIsBeingEvicted) {
  const absl::StatusOr<v1::ClusterFact> fact = ParseCrmMon(Fixture("crm_mon-evicted.xml"));
  ASSERT_TRUE(fact.ok()) << fact.status();
  EXPECT_THAT(Roles(*fact), UnorderedElementsAre(Pair("node-01", "Started"), Pair("node-02", "Stopping"),
                                                 Pair("node-03", "Started")));
  EXPECT_THAT(fact->bans(), ElementsAre("jettyfleet-d-1-node-02-rule"));
}

TEST(Debian13Test, TheConfigurationAndOurEvictRuleInIt) {
  const absl::StatusOr<v1::CibFact> healthy = ParseCib(Fixture("cibadmin-healthy.xml"));
  ASSERT_TRUE(healthy.ok()) << healthy.status();
  EXPECT_THAT(healthy->fence_devices(), ElementsAre("switch"));
  EXPECT_THAT(healthy->ours(), IsEmpty());
  EXPECT_THAT(healthy->locations(), IsEmpty());
  bool seen = false;
  for (const v1::PrimitiveFact& primitive : healthy->primitives()) {
    if (primitive.id() != "jetty") continue;
    seen = true;
    EXPECT_EQ(primitive.resource_class(), "systemd");
    EXPECT_EQ(primitive.type(), "jetty9");
    EXPECT_EQ(primitive.monitor_interval(), "10s");
    EXPECT_EQ(primitive.clone(), "jetty-clone");
    std::map<std::string, std::string> meta;
    for (const v1::MetaAttribute& attribute : primitive.clone_meta()) meta[attribute.name()] = attribute.value();
    EXPECT_THAT(meta, UnorderedElementsAre(Pair("clone-max", "3"), Pair("clone-node-max", "1")));
  }
  EXPECT_TRUE(seen);

  const absl::StatusOr<v1::CibFact> evicted = ParseCib(Fixture("cibadmin-evict-rule.xml"));
  ASSERT_TRUE(evicted.ok()) << evicted.status();
  ASSERT_THAT(evicted->ours(), SizeIs(1));
  const v1::CibEntryFact& rule = evicted->ours(0);
  EXPECT_EQ(rule.kind(), v1::CibEntryFact::KIND_EVICT_RULE);
  EXPECT_EQ(rule.id(), "jettyfleet-d-1-node-02");
  EXPECT_EQ(rule.node(), "node-02");
  absl::Time end;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-11-23T05:29:09Z", &end, &error)) << error;
  EXPECT_EQ(FromProto(rule.ends_at()), end);
}

TEST(Debian13Test, TheControllerAndQuorum) {
  EXPECT_EQ(ParseControllerState(Fixture("crmadmin-status-idle.xml")), "S_IDLE");
  const v1::QuorumFact quorum = ParseQuorumtool(0, Fixture("quorumtool-quorate.txt"));
  EXPECT_EQ(quorum.quorate(), v1::ANSWER_YES);
  EXPECT_EQ(quorum.expected_votes(), 3u);
  EXPECT_EQ(quorum.total_votes(), 3u);
  EXPECT_EQ(quorum.error(), "");
}

TEST(Debian13Test, HaproxysServers) {
  const struct {
    const char* moment;
    v1::LbServerFact::AdminState state;  // of node-02
    const char* status;
  } kCases[] = {
      {"healthy", v1::LbServerFact::ADMIN_STATE_READY, "UP"},
      {"drain", v1::LbServerFact::ADMIN_STATE_DRAIN, "DRAIN"},
      {"maint", v1::LbServerFact::ADMIN_STATE_MAINT, "MAINT"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.moment);
    absl::StatusOr<std::vector<v1::LbServerFact>> servers =
        ParseShowStat(Fixture(absl::StrCat("haproxy-show-stat-", one.moment, ".csv")));
    ASSERT_TRUE(servers.ok()) << servers.status();
    const absl::Status read =
        ReadAdminStates(Fixture(absl::StrCat("haproxy-show-servers-state-", one.moment, ".txt")), &*servers);
    ASSERT_TRUE(read.ok()) << read;
    ASSERT_THAT(*servers, SizeIs(3));
    for (const v1::LbServerFact& server : *servers) {
      const bool second = server.server() == "node-02";
      EXPECT_EQ(server.backend(), "jetty");
      EXPECT_EQ(server.admin_state(), second ? one.state : v1::LbServerFact::ADMIN_STATE_READY) << server.server();
      EXPECT_EQ(server.status(), second ? one.status : "UP") << server.server();
      EXPECT_EQ(server.port(), 8080u);
      EXPECT_EQ(server.weight(), 1u);
    }
  }
}

}  // namespace
}  // namespace jettyfleet
