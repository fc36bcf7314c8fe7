#include "agent/observe/cib_digest.h"

#include <gtest/gtest.h>

#include <string>

#include "agent/observe/cib_parser.h"
#include "tests/testing/files/fixture.h"

namespace jettyfleet {
namespace {

constexpr char kBase[] = R"(<configuration>
  <crm_config>
    <cluster_property_set id="cib-bootstrap-options">
      <nvpair id="o-1" name="stonith-enabled" value="true"/>
    </cluster_property_set>
  </crm_config>
  <nodes><node id="1" uname="node-01"/></nodes>
  <constraints><rsc_location id="l-1" rsc="web" node="node-01" score="100"/></constraints>
</configuration>)";

std::string DigestOf(const std::string& xml) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(xml.c_str())) << xml;
  return ConfigurationDigest(document.child("configuration"));
}

std::string With(std::string where, const std::string& what) {
  std::string xml = kBase;
  const size_t at = xml.find(where);
  EXPECT_NE(at, std::string::npos) << where;
  return xml.insert(at, what);
}

std::string Instead(const std::string& of, const std::string& what) {
  std::string xml = kBase;
  const size_t at = xml.find(of);
  EXPECT_NE(at, std::string::npos) << of;
  return xml.replace(at, of.size(), what);
}

TEST(CibDigestTest, IsAWord) { EXPECT_EQ(DigestOf(kBase).size(), 64); }

TEST(CibDigestTest, WhatDoesNotCount) {
  const struct {
    const char* what;
    std::string xml;
  } cases[] = {
      {"blanks", Instead("\n  <nodes>", "<nodes>")},
      {"the order of attributes", Instead(R"(id="1" uname="node-01")", R"(uname="node-01" id="1")")},
      {"the lock",
       With("</crm_config>", R"(<cluster_property_set id="jettyfleet-lock"><nvpair id="a" name="jettyfleet-holder"
          value="u"/></cluster_property_set>)")},
      {"a rule of ours", With("</constraints>", R"(<rsc_location id="jettyfleet-d-1-node-01" rsc="web"><rule id="r"/>
          </rsc_location>)")},
      {"a standby set of ours",
       Instead(R"(<node id="1" uname="node-01"/>)",
               R"(<node id="1" uname="node-01"><instance_attributes id="jettyfleet-d-1-node-01"/></node>)")},
      {"an operator's ban", With("</constraints>", R"(<rsc_location id="cli-ban-web-on-node-01" rsc="web"/>)")},
      {"an operator's preference", With("</constraints>", R"(<rsc_location id="cli-prefer-web" rsc="web"/>)")},
      {"an operator's standby",
       Instead(R"(<node id="1" uname="node-01"/>)",
               R"(<node id="1" uname="node-01"><instance_attributes id="nodes-1"><nvpair id="nodes-1-standby"
                  name="standby" value="on"/></instance_attributes></node>)")},
      {"what a cleanup writes",
       With("</cluster_property_set>", R"(<nvpair id="o-2" name="last-lrm-refresh" value="1795395809"/>)")},
  };
  for (const auto& c : cases) EXPECT_EQ(DigestOf(c.xml), DigestOf(kBase)) << c.what;
}

TEST(CibDigestTest, WhatCounts) {
  const struct {
    const char* what;
    std::string xml;
  } cases[] = {
      {"a property", Instead(R"(value="true")", R"(value="false")")},
      {"a node", With("</nodes>", R"(<node id="2" uname="node-02"/>)")},
      {"a node's maintenance",
       Instead(R"(<node id="1" uname="node-01"/>)",
               R"(<node id="1" uname="node-01"><instance_attributes id="nodes-1"><nvpair id="m" name="maintenance"
                  value="on"/></instance_attributes></node>)")},
      {"another attribute beside a standby",
       Instead(R"(<node id="1" uname="node-01"/>)",
               R"(<node id="1" uname="node-01"><instance_attributes id="nodes-1"><nvpair id="s" name="standby"
                  value="on"/><nvpair id="r" name="rack" value="7"/></instance_attributes></node>)")},
      {"a resource's own standby",
       With("</configuration>", R"(<resources><primitive id="db"><instance_attributes id="i"><nvpair id="s"
            name="standby" value="on"/></instance_attributes></primitive></resources>)")},
      {"a score", Instead(R"(score="100")", R"(score="200")")},
      {"a constraint less", Instead(R"(<rsc_location id="l-1" rsc="web" node="node-01" score="100"/>)", "")},
      {"what keeps instances away for good",
       With("</constraints>", R"(<rsc_location id="jettyfleet-avoid-web" rsc="web" node="node-01"/>)")},
      {"the order of elements",
       Instead(R"(<rsc_location id="l-1" rsc="web" node="node-01" score="100"/>)",
               R"(<rsc_order id="o"/><rsc_location id="l-1" rsc="web" node="node-01" score="100"/>)")},
  };
  for (const auto& c : cases) EXPECT_NE(DigestOf(c.xml), DigestOf(kBase)) << c.what;
}

std::string DigestOfCib(const std::string& xml) {
  const absl::StatusOr<v1::CibFact> fact = ParseCib(xml);
  EXPECT_TRUE(fact.ok()) << fact.status();
  return fact.ok() ? fact->configuration_digest() : "";
}

// Without what begins with `from` and ends with `to`.
std::string Without(std::string text, const std::string& from, const std::string& to) {
  const size_t begin = text.find(from);
  const size_t end = text.find(to, begin);
  EXPECT_NE(end, std::string::npos) << from;
  return end == std::string::npos ? text : text.erase(begin, end + to.size() - begin);
}

TEST(CibDigestTest, OfRealClusters) {
  const std::string healthy = DigestOfCib(ClusterFixture("cibadmin-healthy.xml"));
  EXPECT_EQ(DigestOfCib(ClusterFixture("cibadmin-lock.xml")), healthy);
  const std::string fencing = DigestOfCib(ClusterFixture("cibadmin-healthy-fencing.xml"));
  EXPECT_NE(fencing, healthy);
  const struct {
    const char* fixture;
    const char* from;
    const char* to;
  } cases[] = {
      {"cibadmin-evict-rule.xml", "<rsc_location", "</rsc_location>"},
      {"cibadmin-standby-lease.xml", "<instance_attributes id=\"jettyfleet-", "</instance_attributes>"},
      {"cibadmin-standby-permanent.xml", "<instance_attributes id=\"nodes-2\"", "</instance_attributes>"},
  };
  for (const auto& c : cases) {
    const std::string xml = ClusterFixture(c.fixture);
    EXPECT_EQ(DigestOfCib(xml), DigestOfCib(Without(xml, c.from, c.to))) << c.fixture;
  }
}

}  // namespace
}  // namespace jettyfleet
