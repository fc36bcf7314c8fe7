#include "coordinator/server/check_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/description/description_yaml.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::ClusterDescription Description() {
  return ParseDescription(R"(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
resources:
  - name: jetty
    unit: jetty9
    health: {port: 8080}
    paths: {local: [/var/lib/jetty9], shared: [/srv/up], volatile: [/run/jetty9, /var/lib/jetty9]}
    sessions: {affinity: cookie, store: jdbc, store_address: "db:5432"}
    identity: {archives: [/srv/app.war], configuration: [/etc/app]}
  - {name: other, unit: jetty@two, health: {port: 8081}}
)",
                          "test")
      .value();
}

v1::ResourceInspection* Resource(v1::Inspection* inspection, const std::string& name) {
  v1::ResourceInspection* const resource = inspection->add_resources();
  resource->set_resource(name);
  return resource;
}

void AddPath(v1::ResourceInspection* resource, const std::string& path, bool marked) {
  v1::PathFact* const fact = resource->add_paths();
  fact->set_path(path);
  fact->set_marked(marked);
}

TEST(CheckActionsTest, MarkersHaveTheFormThatAgentsTake) {
  EXPECT_EQ(MarkerName("0123456789abcd", 7, "node-01.example"), "jettyfleet-marker-0123456789abcd07-node-01-example");
  EXPECT_NE(MarkerName("x", 0, "a.b"), MarkerName("x", 1, "a-b"));
  EXPECT_LE(MarkerName("0123456789abcd", 63, std::string(63, 'n')).size(),
            std::string("jettyfleet-marker-").size() + 80);
}

TEST(CheckActionsTest, InspectsWhatIsDescribed) {
  const v1::Inspect order = InspectOrder(Description(), true);
  EXPECT_TRUE(order.rehash());
  EXPECT_EQ(order.marker(), "");
  ASSERT_EQ(order.resources_size(), 2);
  const v1::InspectedResource& jetty = order.resources(0);
  EXPECT_EQ(jetty.resource(), "jetty");
  EXPECT_EQ(jetty.unit(), "jetty9");
  EXPECT_THAT(jetty.paths(), ElementsAre("/run/jetty9", "/srv/up", "/var/lib/jetty9"));
  EXPECT_THAT(jetty.archives(), ElementsAre("/srv/app.war"));
  EXPECT_THAT(jetty.configuration(), ElementsAre("/etc/app"));
  EXPECT_EQ(jetty.store_address(), "db:5432");
  EXPECT_EQ(order.resources(1).unit(), "jetty@two");
  EXPECT_THAT(order.resources(1).paths(), IsEmpty());
}

TEST(CheckActionsTest, LooksForOthersMarkersWhereverAnyLeftOne) {
  Inspections inspections;
  v1::ResourceInspection* const one = Resource(&inspections["node-01"], "jetty");
  AddPath(one, "/a", true);
  AddPath(one, "/b", false);
  AddPath(Resource(&inspections["node-02"], "jetty"), "/c", true);
  AddPath(Resource(&inspections["node-03"], "jetty"), "/d", false);
  const std::map<std::string, std::string> markers = {
      {"node-01", "m1"}, {"node-02", "m2"}, {"node-03", "m3"}, {"node-04", "m4"}};

  const v1::LookForMarkers first = LookOrder(Description(), inspections, markers, "node-01");
  EXPECT_THAT(first.markers(), ElementsAre("m2")) << "not its own, nor of those that left none";
  ASSERT_EQ(first.resources_size(), 1);
  EXPECT_EQ(first.resources(0).resource(), "jetty");
  EXPECT_EQ(first.resources(0).unit(), "jetty9");
  EXPECT_THAT(first.resources(0).paths(), ElementsAre("/a", "/c"));
  EXPECT_THAT(LookOrder(Description(), inspections, markers, "node-03").markers(), ElementsAre("m1", "m2"));

  inspections.erase("node-02");
  EXPECT_THAT(LookOrder(Description(), inspections, markers, "node-01").markers(), IsEmpty());
}

TEST(CheckActionsTest, FilesThatDiffer) {
  const auto add = [](v1::ResourceInspection* resource, const std::string& root,
                      const std::map<std::string, std::string>& files) {
    v1::TreeFact* const tree = resource->add_configuration();
    tree->set_root(root);
    for (const auto& [path, digest] : files) {
      v1::FileFact* const file = tree->add_files();
      file->set_path(path);
      file->set_sha256(digest);
    }
  };
  Inspections inspections;
  v1::ResourceInspection* const one = Resource(&inspections["node-01"], "jetty");
  v1::ResourceInspection* const two = Resource(&inspections["node-02"], "jetty");
  add(one, "/etc/jetty9", {{"same", "x"}, {"start.ini", "1"}, {"only/here", "x"}});
  add(two, "/etc/jetty9", {{"same", "x"}, {"start.ini", "2"}});
  add(one, "/etc/default/jetty9", {{"", "3"}});
  add(two, "/etc/default/jetty9", {{"", "4"}});
  EXPECT_THAT(DifferingConfiguration(inspections),
              ElementsAre("/etc/default/jetty9", "/etc/jetty9/only/here", "/etc/jetty9/start.ini"));
  std::map<std::string, std::string> many;
  for (int i = 0; i < 100; ++i) many[std::to_string(i)] = "x";
  add(one, "/many", many);
  EXPECT_EQ(DifferingConfiguration(inspections).size(), 32u);
  EXPECT_THAT(DifferingConfiguration({}), IsEmpty());
}

}  // namespace
}  // namespace jettyfleet
