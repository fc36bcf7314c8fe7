#include "common/description/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/description/description_yaml.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using Description = v1::ClusterDescription;

Description Good() {
  return ParseDescription(R"(
apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
nodes: [node-01, node-02, node-03]
resources:
  - {name: jetty, unit: jetty9, health: {port: 8080}}
  - {name: jetty-two, unit: "jetty@two", health: {port: 8081}}
load_balancers:
  - {host: lb-01, resource: jetty, backend: be, servers: {node-01: a, node-02: b, node-03: c}}
traffic: {url: "http://lb-01/"}
)",
                          "good")
      .value();
}

struct Case {
  const char* path;
  std::function<void(Description*)> spoil;
};

// What the coordinator must refuse although no YAML was ever involved.
TEST(ValidateTest, RefusesWhatItMust) {
  const Case cases[] = {
      {"cluster", [](Description* d) { d->clear_cluster(); }},
      {"cluster", [](Description* d) { d->set_cluster("a b"); }},
      {"cluster", [](Description* d) { d->set_cluster("--help"); }},
      {"nodes[0]", [](Description* d) { d->set_nodes(0, "node-01;reboot"); }},
      {"nodes",
       [](Description* d) {
         for (int i = 0; i < 100; ++i) d->add_nodes("n" + std::to_string(i));
       }},
      {"resources", [](Description* d) { d->clear_resources(); }},
      {"resources[0].name", [](Description* d) { d->mutable_resources(0)->set_name("a b"); }},
      {"resources[0].name", [](Description* d) { d->mutable_resources(0)->set_name("-a"); }},
      {"resources[0].name", [](Description* d) { d->mutable_resources(0)->set_name("9a"); }},
      {"resources[0].name", [](Description* d) { d->mutable_resources(0)->set_name("jettyfleet-lock"); }},
      {"resources[0].name", [](Description* d) { d->mutable_resources(0)->set_name(std::string(64, 'a')); }},
      {"resources[1].name", [](Description* d) { d->mutable_resources(1)->set_name("jetty"); }},
      {"resources[0].unit", [](Description* d) { d->mutable_resources(0)->set_unit("../x"); }},
      {"resources[0].unit", [](Description* d) { d->mutable_resources(0)->set_unit("jetty@"); }},
      {"resources[0].unit", [](Description* d) { d->mutable_resources(0)->set_unit("-jetty"); }},
      {"resources[0].unit", [](Description* d) { d->mutable_resources(0)->set_unit("jetty\\x2d"); }},
      {"resources[1].unit", [](Description* d) { d->mutable_resources(1)->set_unit("jetty9"); }},
      {"resources[1].ports[0]",
       [](Description* d) {
         d->mutable_resources(1)->set_ports(0, 8080);
         d->mutable_resources(1)->mutable_health()->set_port(8080);
       }},
      {"resources[0].ports", [](Description* d) { d->mutable_resources(0)->clear_ports(); }},
      {"resources[0].ports[1]", [](Description* d) { d->mutable_resources(0)->add_ports(8080); }},
      {"resources[0].ports[0]", [](Description* d) { d->mutable_resources(0)->set_ports(0, 0); }},
      {"resources[0].health", [](Description* d) { d->mutable_resources(0)->clear_health(); }},
      {"resources[0].health.status", [](Description* d) { d->mutable_resources(0)->mutable_health()->set_status(42); }},
      {"resources[0].health.path", [](Description* d) { d->mutable_resources(0)->mutable_health()->set_path("/a b"); }},
      {"resources[0].health.path",
       [](Description* d) { d->mutable_resources(0)->mutable_health()->set_path("/\r\nHost: x"); }},
      {"resources[0].health.timeout",
       [](Description* d) { d->mutable_resources(0)->mutable_health()->clear_timeout(); }},
      {"resources[0].health.timeout",
       [](Description* d) { *d->mutable_resources(0)->mutable_health()->mutable_timeout() = ToProto(absl::Hours(1)); }},
      {"resources[0].operations.monitor.interval",
       [](Description* d) { d->mutable_resources(0)->clear_monitor_interval(); }},
      {"resources[0].operations.monitor.interval",
       [](Description* d) {
         *d->mutable_resources(0)->mutable_monitor_interval() = ToProto(absl::Milliseconds(1500));
       }},
      {"resources[0].clone.node_max", [](Description* d) { d->mutable_resources(0)->set_clone_node_max(0); }},
      {"resources[0].clone.max", [](Description* d) { d->mutable_resources(0)->set_clone_max(100000); }},
      {"resources[0].min_serving", [](Description* d) { d->mutable_resources(0)->set_min_serving(3); }},
      {"addresses.node-09", [](Description* d) { (*d->mutable_addresses())["node-09"] = "10.0.0.9"; }},
      {"addresses.node-01", [](Description* d) { (*d->mutable_addresses())["node-01"] = "10.0.0.1;reboot"; }},
      {"resources[1].unit",
       [](Description* d) {
         d->mutable_resources(0)->set_unit("auto");
         d->mutable_resources(1)->set_unit("auto");
       }},
      {"resources[0].operations.start.timeout",
       [](Description* d) { d->mutable_resources(0)->mutable_start_timeout()->set_seconds(-1); }},
      {"resources[0].operations.stop.timeout",
       [](Description* d) { d->mutable_resources(0)->mutable_stop_timeout()->set_seconds(3601); }},
      {"resources[0].operations.monitor.timeout",
       [](Description* d) { d->mutable_resources(0)->mutable_monitor_timeout()->set_nanos(1); }},
      {"resources[0].operations.monitor.on_fail",
       [](Description* d) { d->mutable_resources(0)->set_on_fail("restart;reboot"); }},
      {"resources[0].migration_threshold",
       [](Description* d) { d->mutable_resources(0)->set_migration_threshold(1000001); }},
      {"resources[0].failure_timeout", [](Description* d) { d->mutable_resources(0)->mutable_failure_timeout(); }},
      {"resources[0].paths", [](Description* d) { d->mutable_resources(0)->mutable_paths(); }},
      {"resources[0].paths.local[0]",
       [](Description* d) { d->mutable_resources(0)->mutable_paths()->add_local("/a;reboot"); }},
      {"resources[0].paths.shared",
       [](Description* d) {
         for (int i = 0; i < 65; ++i) d->mutable_resources(0)->mutable_paths()->add_shared("/n" + std::to_string(i));
       }},
      {"resources[1].paths.local[0]",
       [](Description* d) {
         d->mutable_resources(0)->mutable_paths()->add_shared("/srv");
         d->mutable_resources(1)->mutable_paths()->add_local("/srv");
       }},
      {"resources[0].sessions.affinity", [](Description* d) { d->mutable_resources(0)->mutable_sessions(); }},
      {"resources[0].sessions.affinity",
       [](Description* d) {
         d->mutable_resources(0)->mutable_sessions()->set_affinity(static_cast<v1::SessionsDescription::Affinity>(9));
       }},
      {"resources[0].sessions.store",
       [](Description* d) {
         d->mutable_resources(0)->mutable_sessions()->set_affinity(v1::SessionsDescription::AFFINITY_COOKIE);
       }},
      {"resources[0].sessions.cookie",
       [](Description* d) {
         d->mutable_resources(0)->mutable_sessions()->set_affinity(v1::SessionsDescription::AFFINITY_COOKIE);
         d->mutable_resources(0)->mutable_sessions()->set_store(v1::SessionsDescription::STORE_JDBC);
       }},
      {"resources[0].parallel_safe.by", [](Description* d) { d->mutable_resources(0)->mutable_parallel_safe(); }},
      {"resources[0].health.timeout",
       [](Description* d) {
         *d->mutable_resources(0)->mutable_health()->mutable_timeout() = ToProto(absl::Microseconds(20500));
       }},
      {"load_balancers[0].host", [](Description* d) { d->mutable_load_balancers(0)->set_host("lb 01"); }},
      {"load_balancers[0].resource", [](Description* d) { d->mutable_load_balancers(0)->set_resource(""); }},
      {"load_balancers[0].backend", [](Description* d) { d->mutable_load_balancers(0)->set_backend("a/b"); }},
      {"load_balancers[1].backend", [](Description* d) { *d->add_load_balancers() = d->load_balancers(0); }},
      {"load_balancers[0].servers", [](Description* d) { d->mutable_load_balancers(0)->clear_servers(); }},
      {"load_balancers[0].servers.node-01",
       [](Description* d) { (*d->mutable_load_balancers(0)->mutable_servers())["node-01"] = "a; disable"; }},
      {"traffic.url", [](Description* d) { d->mutable_traffic()->set_url(""); }},
      {"traffic.requests_per_second", [](Description* d) { d->mutable_traffic()->set_requests_per_second(0); }},
      {"traffic.requests_per_second", [](Description* d) { d->mutable_traffic()->set_requests_per_second(10001); }},
      {"traffic.virtual_users", [](Description* d) { d->mutable_traffic()->set_virtual_users(0); }},
      {"traffic.node_pattern", [](Description* d) { d->mutable_traffic()->set_node_pattern("(a)(b)"); }},
      {"traffic.node_pattern", [](Description* d) { d->mutable_traffic()->set_node_pattern(std::string(300, 'a')); }},
      {"traffic.node_pattern", [](Description* d) { d->mutable_traffic()->set_node_pattern("((a{9999}){9999})"); }},
  };
  ASSERT_TRUE(ValidateDescription(Good()).ok());
  for (const Case& c : cases) {
    Description description = Good();
    c.spoil(&description);
    const auto problem = FindProblem(description);
    ASSERT_TRUE(problem.has_value()) << c.path;
    EXPECT_EQ(problem->path, c.path) << problem->what;
    EXPECT_EQ(ValidateDescription(description).code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(ValidateTest, UrlsOfTheLoadBalancer) {
  const auto accepts = [](const std::string& url) {
    Description description = Good();
    description.mutable_traffic()->set_url(url);
    return ValidateDescription(description).ok();
  };
  for (const char* good : {"http://lb-01/", "http://lb-01:80/a/b?c=d", "http://10.0.0.1:8080/", "http://[::1]:8080/x",
                           "http://[fe80::1]/"}) {
    EXPECT_TRUE(accepts(good)) << good;
  }
  for (const char* bad :
       {"lb-01", "http://lb-01", "http:///x", "http://:80/", "http://lb:0/", "http://lb:99999/", "http://lb:x/",
        "http://u@lb/", "http://lb/#x", "http://lb/a b", "ftp://lb/", "http://[::1/", "http://lb\n/", "http://l_b/"}) {
    EXPECT_FALSE(accepts(bad)) << bad;
  }
}

// A mount below a directory of each node's own.
TEST(ValidateTest, SharedBelowLocalIsFine) {
  Description description = Good();
  description.mutable_resources(0)->mutable_paths()->add_local("/var/lib/jetty9");
  description.mutable_resources(0)->mutable_paths()->add_shared("/var/lib/jetty9/uploads");
  description.mutable_resources(0)->mutable_paths()->add_shared("/var/lib/jetty");
  description.mutable_resources(1)->mutable_paths()->add_local("/var/lib/jetty9");
  EXPECT_TRUE(ValidateDescription(description).ok()) << ValidateDescription(description);
}

TEST(ValidateTest, WithoutNodesTheClusterDecides) {
  Description description = Good();
  description.clear_nodes();
  description.mutable_resources(0)->set_min_serving(5);
  EXPECT_TRUE(ValidateDescription(description).ok());
}

}  // namespace
}  // namespace jettyfleet
