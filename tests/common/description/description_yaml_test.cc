#include "common/description/description_yaml.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/description/yaml_reader.h"
#include "common/description/yaml_tree.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kFull[] = R"yaml(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
nodes: [node-01, node-02, node-03]
resources:
  - name: jetty
    unit: jetty9
    monitor_interval: 30s
    clone: {max: 3, node_max: 1}
    ports: [8080, 8443]
    health:
      port: 8080
      path: /counter/
      status: 204
      timeout: 1500ms
    min_serving: 2
load_balancers:
  - host: lb-01
    resource: jetty
    backend: jetty
    servers:
      node-01: n1
      node-02: n2
      node-03: n3
traffic:
  url: http://lb-01:8080/counter/
  requests_per_second: 100
  virtual_users: 10
  timeout: 3s
  counter_pattern: 'count=(\d+)'
  node_pattern: "node=([a-z0-9-]+)"
)yaml";

constexpr char kSmall[] = R"(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
resources:
  - name: jetty
    unit: jetty9
    health: {port: 8080}
)";

TEST(DescriptionYamlTest, ReadsEverything) {
  const auto read = ParseDescription(kFull, "blue.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->cluster(), "blue");
  EXPECT_EQ(read->nodes_size(), 3);
  ASSERT_EQ(read->resources_size(), 1);
  const v1::ResourceDescription& resource = read->resources(0);
  EXPECT_EQ(resource.name(), "jetty");
  EXPECT_EQ(resource.unit(), "jetty9");
  EXPECT_EQ(FromProto(resource.monitor_interval()), absl::Seconds(30));
  EXPECT_EQ(resource.clone_max(), 3u);
  EXPECT_EQ(resource.clone_node_max(), 1u);
  EXPECT_THAT(resource.ports(), testing::ElementsAre(8080, 8443));
  EXPECT_EQ(resource.health().path(), "/counter/");
  EXPECT_EQ(resource.health().status(), 204u);
  EXPECT_EQ(FromProto(resource.health().timeout()), absl::Milliseconds(1500));
  EXPECT_EQ(resource.min_serving(), 2u);
  ASSERT_EQ(read->load_balancers_size(), 1);
  EXPECT_EQ(read->load_balancers(0).servers().at("node-02"), "n2");
  EXPECT_EQ(read->traffic().requests_per_second(), 100u);
  EXPECT_EQ(read->traffic().virtual_users(), 10u);
  EXPECT_EQ(read->traffic().counter_pattern(), "count=(\\d+)");
}

TEST(DescriptionYamlTest, FillsInDefaults) {
  const auto read = ParseDescription(absl::StrCat(kSmall, "traffic: {url: 'http://lb/'}\n"), "blue.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  const v1::ResourceDescription& resource = read->resources(0);
  EXPECT_EQ(FromProto(resource.monitor_interval()), absl::Seconds(10));
  EXPECT_EQ(resource.clone_max(), 0u);
  EXPECT_EQ(resource.clone_node_max(), 1u);
  EXPECT_THAT(resource.ports(), testing::ElementsAre(8080));
  EXPECT_EQ(resource.health().path(), "/");
  EXPECT_EQ(resource.health().status(), 200u);
  EXPECT_EQ(FromProto(resource.health().timeout()), absl::Seconds(2));
  EXPECT_EQ(resource.min_serving(), 1u);
  EXPECT_EQ(read->traffic().requests_per_second(), 50u);
  EXPECT_EQ(read->traffic().virtual_users(), 20u);
  EXPECT_EQ(FromProto(read->traffic().timeout()), absl::Seconds(2));
}

TEST(DescriptionYamlTest, ReadsBackWhatItWrites) {
  for (const char* yaml : {kFull, kSmall}) {
    const auto first = ParseDescription(yaml, "first");
    ASSERT_TRUE(first.ok()) << first.status();
    const std::string written = EmitDescription(*first);
    const auto second = ParseDescription(written, "second");
    ASSERT_TRUE(second.ok()) << second.status() << "\n" << written;
    EXPECT_TRUE(MessageDifferencer::Equals(*first, *second)) << written;
    EXPECT_EQ(EmitDescription(*second), written);
  }
}

// Found out later, when the cluster was asked.
TEST(DescriptionYamlTest, ALaterErrorStandsWhereItsPartDoes) {
  const struct {
    const char* path;
    const char* message;
  } cases[] = {
      {"nodes[1]", R"(f.yaml:4:18: key "nodes[1]": is none)"},
      {"resources[0].name", R"(f.yaml:6:5: key "resources[0].name": is none)"},
      {"resources[0].operations.monitor.interval", R"(f.yaml:8:5: key "resources[0].monitor_interval": is none)"},
      {"resources[0].paths.local[0]", R"(f.yaml:6:5: key "resources[0].paths.local[0]": is none)"},
      {"nowhere", R"(f.yaml:1:1: key "nowhere": is none)"}};
  for (const auto& c : cases) {
    const absl::Status status = ErrorInDescription(kFull, "f.yaml", c.path, "is none");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), c.message);
  }
}

struct BadCase {
  const char* from;  // in kFull
  const char* to;
  const char* message;
};

TEST(DescriptionYamlTest, EveryErrorNamesFileLineAndKey) {
  const BadCase cases[] = {
      {"apiVersion: jettyfleet/v1", "apiVersion: jettyfleet/v2",
       R"(f.yaml:1:13: key "apiVersion": "jettyfleet/v2" is not supported; only jettyfleet/v1 is)"},
      {"kind: Cluster\n", "", R"(f.yaml:1:1: key "kind": is missing; add kind: Cluster)"},
      {"kind: Cluster", "kind: [Cluster]", R"(f.yaml:2:7: key "kind": "" is not supported; only Cluster is)"},
      {"cluster: blue", "clutser: blue",
       R"(f.yaml:3:1: key "clutser": is not known here; known are apiVersion, kind, cluster, nodes, addresses, resources, load_balancers, traffic)"},
      {"cluster: blue\n", "", R"(f.yaml:1:1: key "cluster": is missing; add it)"},
      {"cluster: blue", "cluster:", R"(f.yaml:3:1: key "cluster": must be text, not nothing)"},
      {"cluster: blue", "cluster: ''", R"(f.yaml:3:10: key "cluster": must be text, not empty)"},
      {"cluster: blue", "cluster: Blue Sky", R"(f.yaml:3:1: key "cluster": name 'Blue Sky' must be 1 to 63 of)"},
      {"cluster: blue", "cluster: blue\ncluster: green",
       R"(f.yaml:4:1: key "cluster": given twice, first in line 3; remove one)"},
      {"nodes: [node-01, node-02, node-03]", "nodes: node-01", R"(f.yaml:4:8: key "nodes": must be a list)"},
      {"nodes: [node-01, node-02, node-03]", "nodes: []", R"(f.yaml:4:8: key "nodes": must be a list)"},
      {"nodes: [node-01, node-02, node-03]", "nodes: [node-01, {a: b}]",
       R"(f.yaml:4:18: key "nodes": must be text, not a map)"},
      {"nodes: [node-01, node-02, node-03]", "nodes: [node-01, node-01]",
       R"(f.yaml:4:18: key "nodes[1]": node-01 is given twice)"},
      {"    unit: jetty9\n", "", R"(f.yaml:6:5: key "resources[0].unit": is missing; add it)"},
      {"unit: jetty9", "unit: jetty9.service",
       R"(f.yaml:7:5: key "resources[0].unit": must be given without .service; remove it)"},
      {"unit: jetty9", "unti: jetty9", R"(f.yaml:7:5: key "unti": is not known here; known are name, unit,)"},
      {"monitor_interval: 30s", "monitor_interval: 30",
       R"(f.yaml:8:23: key "resources[0].monitor_interval": "30" is not a duration; write a whole number and ms, s or m)"},
      {"monitor_interval: 30s", "monitor_interval: PT30S", R"("PT30S" is not a duration)"},
      {"monitor_interval: 30s", "monitor_interval: 1.5s", R"("1.5s" is not a duration)"},
      {"monitor_interval: 30s", "monitor_interval: -1s", R"("-1s" is not a duration)"},
      {"monitor_interval: 30s", "monitor_interval: 99999999999s", R"(is not a duration)"},
      {"monitor_interval: 30s", "monitor_interval: 100m",
       R"(f.yaml:8:5: key "resources[0].monitor_interval": 1h40m is out of range; give 1s to 1h)"},
      {"max: 3", "max: 0",
       R"(f.yaml:9:18: key "resources[0].clone.max": must be 1 or more; remove the key for as many instances as nodes)"},
      {"max: 3", "max: three",
       R"(f.yaml:9:18: key "resources[0].clone.max": must be a whole number of 0 or more, not "three")"},
      {"max: 3", "max: '3'", R"(must be a whole number of 0 or more, not "3")"},
      {"max: 3", "max: 0x3", R"(must be a whole number of 0 or more, not "0x3")"},
      {"max: 3", "max: 03", R"(must be a whole number of 0 or more, not "03")"},
      {"max: 3", "max: -3", R"(must be a whole number of 0 or more, not "-3")"},
      {"max: 3", "max: 4294967296", R"(must be a whole number of 0 or more)"},
      {"max: 3", "max: 4", R"(f.yaml:9:13: key "resources[0].clone.max": 4 instances do not fit on 3 nodes)"},
      {"node_max: 1", "node_max: 2", R"(f.yaml:9:21: key "resources[0].clone.node_max": 2 instances on one node)"},
      {"ports: [8080, 8443]", "ports: [8080, 70000]",
       R"(f.yaml:10:19: key "resources[0].ports[1]": 70000 is out of range; give 1 to 65535)"},
      {"      port: 8080", "      port: 9090",
       R"(f.yaml:12:7: key "resources[0].health.port": 9090 is not among the resource's ports; add it there)"},
      {"path: /counter/", "path: counter", R"(f.yaml:13:7: key "resources[0].health.path": must begin with '/')"},
      {"min_serving: 2", "min_serving: 3",
       R"(f.yaml:16:5: key "resources[0].min_serving": 3 others cannot serve while one of 3 instances is out)"},
      {"resource: jetty\n", "resource: tomcat\n",
       R"(f.yaml:19:5: key "load_balancers[0].resource": names none of the resources above)"},
      {"node-03: n3", "node-04: n3",
       R"(f.yaml:24:7: key "load_balancers[0].servers.node-04": node-04 is not among the cluster's nodes)"},
      {"      node-03: n3\n", "", R"(f.yaml:21:5: key "load_balancers[0].servers": node node-03 has no server here)"},
      {"node-03: n3", "node-03: n2",
       R"(f.yaml:24:7: key "load_balancers[0].servers.node-03": server n2 is another node's too)"},
      {"url: http://lb-01:8080/counter/", "url: https://lb-01/",
       R"(f.yaml:26:3: key "traffic.url": must be http://HOST)"},
      {"'count=(\\d+)'", "'count='", R"(key "traffic.counter_pattern": must have exactly one group)"},
      {"'count=(\\d+)'", "'count=('", R"(key "traffic.counter_pattern": is not a regular expression)"},
      {"nodes: [node-01, node-02, node-03]", "nodes: [node-01, node-02", "f.yaml:"},
      {"nodes: [node-01, node-02, node-03]", "nodes: &all [node-01]", "f.yaml:4:8: anchors (&) are not allowed"},
      {"cluster: blue", "cluster: !!str blue", "f.yaml:3:10: tags (!) are not allowed"},
      {"cluster: blue", "cluster: blue\n<<: {a: b}", R"(f.yaml:4:1: key "<<": is not known here)"},
      {"traffic:\n", "---\ntraffic:\n", "f.yaml:1:1: more than one document"},
      {"cluster: blue", "cluster: bl\xff", "f.yaml:3:12: not UTF-8 text; save it as UTF-8"},
      // All that stands after a quotation mark would be its scalar's, to the file's end.
      {"([a-z0-9-]+)\"\n", "([a-z0-9-]+)\n", "not valid YAML"},
      {"([a-z0-9-]+)\"\n", "([a-z0-9-]+)\n  \t", "not valid YAML"},
  };
  for (const BadCase& c : cases) {
    SCOPED_TRACE(c.to);
    ASSERT_THAT(std::string(kFull), HasSubstr(c.from));
    const std::string yaml = absl::StrReplaceAll(kFull, {{c.from, c.to}});
    const auto read = ParseDescription(yaml, "f.yaml");
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(read.status().message());
    EXPECT_THAT(message, StartsWith("f.yaml:"));
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
  }
}

TEST(DescriptionYamlTest, GarbageIsAnError) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "[";
  std::string wide = "a:\n";
  for (int i = 0; i < 30000; ++i) wide += "- x\n";
  const std::string cases[] = {"",
                               "\n# nothing\n",
                               "just words",
                               "- a\n- b\n",
                               "{",
                               "[[[",
                               "a: b: c",
                               "\t- x",
                               std::string(3, '\0'),
                               "? [a]\n: b\n",
                               "%YAML 9.9\n---\na: b\n",
                               "a: *nowhere\n",
                               deep,
                               wide,
                               std::string(kYamlLimitBytes + 1, ' '),
                               "a: &x [1]\nb: [*x,*x,*x,*x]\n",
                               "\xff\xfe\x00\x00"};
  for (const std::string& yaml : cases) {
    SCOPED_TRACE(yaml.substr(0, 40));
    const auto read = ParseDescription(yaml, "f.yaml");
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(read.status().message()), StartsWith("f.yaml:"));
    EXPECT_LT(read.status().message().size(), 400u);
  }
}

TEST(ShortDurationTest, ReadsBackWhatItWrites) {
  for (const char* text : {"1ms", "1500ms", "1s", "90s", "2m", "0s"}) {
    const auto duration = ParseShortDuration(text);
    ASSERT_TRUE(duration.ok()) << text;
    EXPECT_EQ(FormatShortDuration(*duration), text);
  }
  for (const char* text : {"", "s", "ms", "10", "10h", " 10s", "10 s", "1e3s", "+1s"}) {
    EXPECT_FALSE(ParseShortDuration(text).ok()) << text;
  }
}

}  // namespace
}  // namespace jettyfleet
