// The keys of a resource and what they may not say, as an operator meets them: through ParseDescription.
#include "common/description/resource_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/description/description_yaml.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Sessions = v1::SessionsDescription;

constexpr char kFull[] = R"yaml(apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
nodes: [node-01, node-02]
addresses:
  node-01: 10.0.0.1
  node-02: fd00::2
resources:
  - name: jetty
    unit: auto
    operations:
      start: {timeout: 60s}
      stop: {timeout: 2m}
      monitor: {interval: 10s, timeout: 20s, on_fail: restart}
    clone: {max: 2, node_max: 1, interleave: true, ordered: false}
    health: {port: 8080}
    migration_threshold: 3
    failure_timeout: 90s
    paths:
      local: [/var/lib/jetty9, /var/log/jetty9]
      shared: [/srv/uploads]
    sessions: {affinity: none, store: jdbc, cache_null: true}
    parallel_safe: {by: alice, date: 2026-11-20, evidence: "two-node test, ticket #4711"}
  - name: other
    unit: jetty12
    monitor_interval: 30s
    health: {port: 9090}
    recover: at-once
)yaml";

TEST(ResourceYamlTest, ReadsEveryKey) {
  const auto read = ParseDescription(kFull, "blue.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->addresses().at("node-01"), "10.0.0.1");
  EXPECT_EQ(read->addresses().at("node-02"), "fd00::2");
  const v1::ResourceDescription& jetty = read->resources(0);
  EXPECT_EQ(jetty.unit(), "auto");
  EXPECT_EQ(FromProto(jetty.start_timeout()), absl::Seconds(60));
  EXPECT_EQ(FromProto(jetty.stop_timeout()), absl::Seconds(120));
  EXPECT_EQ(FromProto(jetty.monitor_interval()), absl::Seconds(10));
  EXPECT_EQ(FromProto(jetty.monitor_timeout()), absl::Seconds(20));
  EXPECT_EQ(jetty.on_fail(), "restart");
  EXPECT_EQ(jetty.interleave(), v1::ANSWER_YES);
  EXPECT_EQ(jetty.ordered(), v1::ANSWER_NO);
  EXPECT_EQ(jetty.migration_threshold(), 3u);
  EXPECT_EQ(FromProto(jetty.failure_timeout()), absl::Seconds(90));
  EXPECT_THAT(jetty.paths().local(), ElementsAre("/var/lib/jetty9", "/var/log/jetty9"));
  EXPECT_THAT(jetty.paths().shared(), ElementsAre("/srv/uploads"));
  EXPECT_EQ(jetty.sessions().affinity(), Sessions::AFFINITY_NONE);
  EXPECT_EQ(jetty.sessions().store(), Sessions::STORE_JDBC);
  EXPECT_TRUE(jetty.sessions().cache_null());
  EXPECT_EQ(jetty.sessions().cookie(), "");
  EXPECT_EQ(jetty.parallel_safe().by(), "alice");
  EXPECT_EQ(jetty.parallel_safe().date(), "2026-11-20");
  EXPECT_EQ(jetty.parallel_safe().evidence(), "two-node test, ticket #4711");
  EXPECT_EQ(jetty.recover(), v1::RECOVER_UNSPECIFIED);
  EXPECT_EQ(read->resources(1).recover(), v1::RECOVER_AT_ONCE);
  EXPECT_EQ(read->resources(1).recover_after_failed_probes(), 0u);
  EXPECT_EQ(FromProto(read->resources(1).monitor_interval()), absl::Seconds(30)) << "the older, shorter key";
}

TEST(ResourceYamlTest, WhatIsNotGivenStaysUnset) {
  const auto read = ParseDescription(kFull, "blue.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  const v1::ResourceDescription& other = read->resources(1);
  EXPECT_FALSE(other.has_start_timeout());
  EXPECT_FALSE(other.has_stop_timeout());
  EXPECT_FALSE(other.has_monitor_timeout());
  EXPECT_EQ(other.on_fail(), "");
  EXPECT_EQ(other.interleave(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(other.ordered(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(other.migration_threshold(), 0u);
  EXPECT_FALSE(other.has_failure_timeout());
  EXPECT_FALSE(other.has_paths());
  EXPECT_FALSE(other.has_sessions());
  EXPECT_FALSE(other.has_parallel_safe());
}

TEST(ResourceYamlTest, RecoverIsAWordOrAMap) {
  const struct {
    const char* recover;
    v1::Recover mode;
    uint32_t probes;
  } cases[] = {{"at-once", v1::RECOVER_AT_ONCE, 0},
               {"by-monitor", v1::RECOVER_UNSPECIFIED, 0},
               {"{mode: at-once}", v1::RECOVER_AT_ONCE, 0},
               {"{mode: by-monitor}", v1::RECOVER_UNSPECIFIED, 0},
               {"{mode: at-once, after_failed_probes: 1}", v1::RECOVER_AT_ONCE, 1},
               {"{mode: at-once, after_failed_probes: 100}", v1::RECOVER_AT_ONCE, 100}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.recover);
    const auto read = ParseDescription(
        absl::StrReplaceAll(kFull, {{"recover: at-once", absl::StrCat("recover: ", c.recover)}}), "f.yaml");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->resources(1).recover(), c.mode);
    EXPECT_EQ(read->resources(1).recover_after_failed_probes(), c.probes);
  }
}

TEST(ResourceYamlTest, TheAffinityDecidesTheUsualCookie) {
  const struct {
    const char* sessions;
    const char* cookie;
  } cases[] = {{"{affinity: cookie, store: memory}", "JETTYFLEET"},
               {"{affinity: cookie, store: jdbc, cookie: SRV}", "SRV"},
               {"{affinity: worker-name, store: file}", "JSESSIONID"},
               {"{affinity: worker-name, store: memory, cookie: MYID}", "MYID"},
               {"{affinity: none, store: other, cache_null: true}", ""}};
  for (const auto& c : cases) {
    const auto read = ParseDescription(
        absl::StrReplaceAll(kFull, {{"{affinity: none, store: jdbc, cache_null: true}", c.sessions}}), "blue.yaml");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->resources(0).sessions().cookie(), c.cookie) << c.sessions;
  }
}

struct BadCase {
  const char* from;  // in kFull
  const char* to;
  const char* message;
};

TEST(ResourceYamlTest, EveryContradictionNamesFileLineKeyAndReason) {
  const BadCase cases[] = {
      // Clones.
      {"max: 2", "max: 0",
       R"(f.yaml:15:18: key "resources[0].clone.max": must be 1 or more; remove the key for as many instances as nodes)"},
      {"max: 2", "max: 3", R"(f.yaml:15:13: key "resources[0].clone.max": 3 instances do not fit on 2 nodes)"},
      {"node_max: 1", "node_max: 2",
       R"(f.yaml:15:21: key "resources[0].clone.node_max": 2 instances on one node cannot all bind the fixed port 8080)"},
      {"node_max: 1", "node_max: 0", R"(f.yaml:15:21: key "resources[0].clone.node_max": 0 would keep every node)"},
      {"interleave: true", "interleave: yes",
       R"(f.yaml:15:46: key "resources[0].clone.interleave": must be true or false, not "yes")"},
      {"ordered: false", "ordered: 'false'", R"(key "resources[0].clone.ordered": must be true or false, not "false")"},
      {"ordered: false", "ordered: [a]", R"(key "resources[0].clone.ordered": must be true or false, not a list)"},
      {"max: 2", "max: 1",
       R"(f.yaml:9:5: key "resources[0].min_serving": 1 others cannot serve while one of 1 instances is out; give 0)"},
      // Operations.
      {"start: {timeout: 60s}", "start: {timeout: 0s}",
       R"(f.yaml:12:15: key "resources[0].operations.start.timeout": 0 is out of range; give 1s to 1h)"},
      {"start: {timeout: 60s}", "start: {timeout: 1500ms}",
       R"(key "resources[0].operations.start.timeout": must be whole seconds)"},
      {"start: {timeout: 60s}", "start: {interval: 60s}",
       R"(f.yaml:12:15: key "interval": is not known here; known are timeout)"},
      {"start: {timeout: 60s}", "start: 60s", R"(f.yaml:12:14: key "resources[0].operations.start": must be a map of)"},
      {"start: {timeout: 60s}", "promote: {timeout: 60s}",
       R"(f.yaml:12:7: key "promote": is not known here; known are start, stop, monitor)"},
      {"timeout: 2m", "timeout: 61m",
       R"(f.yaml:13:14: key "resources[0].operations.stop.timeout": 1h1m is out of range; give 1s to 1h)"},
      {"interval: 10s", "interval: 2h", R"("2h" is not a duration)"},
      {"interval: 10s", "interval: 61m",
       R"(f.yaml:14:17: key "resources[0].operations.monitor.interval": 1h1m is out of range; give 1s to 1h)"},
      {"timeout: 20s", "timeout: 999ms",
       R"(f.yaml:14:32: key "resources[0].operations.monitor.timeout": 999ms is out of range; give 1s to 1h)"},
      {"on_fail: restart", "on_fail: demote",
       R"(f.yaml:14:46: key "resources[0].operations.monitor.on_fail": must be one of restart, block, stop, ignore, standby, fence)"},
      {"monitor_interval: 30s", "monitor_interval: 61m",
       R"(f.yaml:26:5: key "resources[1].monitor_interval": 1h1m is out of range; give 1s to 1h)"},
      {"monitor_interval: 30s", "monitor_interval: 30s\n    operations: {monitor: {interval: 30s}}",
       R"(f.yaml:27:38: key "resources[1].operations.monitor.interval": means the same as monitor_interval, which is given too)"},
      {"monitor_interval: 30s", "monitor_interval: often\n    operations: {monitor: {interval: 30s}}",
       R"(f.yaml:26:23: key "resources[1].monitor_interval": "often" is not a duration)"},
      // Failures.
      {"recover: at-once", "recover: always",
       R"(f.yaml:28:14: key "resources[1].recover": "always" is not known here; give one of by-monitor, at-once)"},
      {"recover: at-once", "recover: [at-once]", R"(f.yaml:28:14: key "resources[1].recover": )"},
      {"recover: at-once", "recover: {after_failed_probes: 3}", R"(key "resources[1].recover.mode")"},
      {"recover: at-once", "recover: {mode: at-once, after_probes: 3}",
       R"(f.yaml:28:30: key "after_probes": is not known here; known are mode, after_failed_probes)"},
      {"recover: at-once", "recover: {mode: at-once, after_failed_probes: many}",
       R"(key "resources[1].recover.after_failed_probes": )"},
      {"recover: at-once", "recover: {mode: at-once, after_failed_probes: 0}",
       R"(key "resources[1].recover.after_failed_probes": must be 1 to 100; remove the key)"},
      {"recover: at-once", "recover: {mode: at-once, after_failed_probes: 101}",
       R"(key "resources[1].recover.after_failed_probes": 101 is out of range; give 1 to 100)"},
      {"recover: at-once", "recover: {mode: by-monitor, after_failed_probes: 3}",
       R"(key "resources[1].recover.after_failed_probes": only goes with mode at-once; remove it, or give that mode)"},
      {"migration_threshold: 3", "migration_threshold: 0",
       R"(f.yaml:17:26: key "resources[0].migration_threshold": must be 1 to 1000000; remove the key)"},
      {"migration_threshold: 3", "migration_threshold: 1000001",
       R"(f.yaml:17:5: key "resources[0].migration_threshold": 1000001 is out of range; give 1 to 1000000)"},
      {"failure_timeout: 90s", "failure_timeout: 1441m",
       R"(f.yaml:18:5: key "resources[0].failure_timeout": 24h1m is out of range; give 1s to 24h)"},
      // Units and ports.
      {"unit: jetty12", "unit: auto",
       R"(f.yaml:25:5: key "resources[1].unit": auto, given for jetty too, would find the same unit; name both)"},
      {"health: {port: 9090}", "health: {port: 8080}",
       R"(f.yaml:24:5: key "resources[1].ports[0]": 8080 is a port of resource jetty too, and both may run on the same nodes)"},
      {"health: {port: 9090}", "ports: [9090, 8080]\n    health: {port: 9090}",
       R"(f.yaml:27:19: key "resources[1].ports[1]": 8080 is a port of resource jetty too)"},
      // Paths.
      {"shared: [/srv/uploads]", "shared: [/var/log//jetty9/]",
       R"(f.yaml:20:32: key "resources[0].paths.local[1]": /var/log/jetty9 is also among the shared paths, and it cannot be both)"},
      {"shared: [/srv/uploads]", "shared: [/srv/uploads, /var/lib]",
       R"(f.yaml:20:15: key "resources[0].paths.local[0]": /var/lib/jetty9 lies below /var/lib, which is among the shared paths, so all nodes see the same there)"},
      {"shared: [/srv/uploads]", "shared: [/srv/uploads, /srv/./uploads/]",
       R"(f.yaml:21:30: key "resources[0].paths.shared[1]": /srv/./uploads/ is given twice; remove one)"},
      {"shared: [/srv/uploads]", "shared: [srv/uploads]",
       R"(f.yaml:21:16: key "resources[0].paths.shared[0]": must be an absolute path, beginning with '/')"},
      {"shared: [/srv/uploads]", "shared: [/srv/../uploads]",
       R"(f.yaml:21:16: key "resources[0].paths.shared[0]": must not contain '..'; write where it leads to)"},
      {"shared: [/srv/uploads]", "shared: ['/srv/my uploads']",
       R"(key "resources[0].paths.shared[0]": must be at most 1024 of letters)"},
      {"shared: [/srv/uploads]", "shared: [/]", R"(must be a directory below '/', not all of it)"},
      {"shared: [/srv/uploads]", "shared: []", R"(f.yaml:21:15: key "resources[0].paths.shared": must be a list)"},
      {"health: {port: 9090}", "health: {port: 9090}\n    paths: {}",
       R"(f.yaml:28:5: key "resources[1].paths": is empty; give local, shared or volatile paths, or remove the key)"},
      {"health: {port: 9090}", "health: {port: 9090}\n    paths: {local: [/srv/uploads/2]}",
       R"(f.yaml:28:21: key "resources[1].paths.local[0]": /srv/uploads/2 lies below /srv/uploads, which is among the shared paths of resource jetty)"},
      // Sessions.
      {"store: jdbc, cache_null: true", "store: memory",
       R"(f.yaml:22:32: key "resources[0].sessions.store": memory is each node's own, and with affinity none any node may be asked)"},
      {"store: jdbc, cache_null: true", "store: jdbc",
       R"(f.yaml:22:5: key "resources[0].sessions.cache_null": must be true with affinity none: nodes answer from cached copies, updates are lost)"},
      {"store: jdbc, cache_null: true", "store: other, cache_null: false",
       R"(f.yaml:22:46: key "resources[0].sessions.cache_null": must be true with affinity none)"},
      {"store: jdbc", "store: file",
       R"(f.yaml:22:32: key "resources[0].sessions.store": Jetty reads a file store at its start only)"},
      {"affinity: none, store: jdbc", "affinity: cookie, store: memory",
       R"(f.yaml:22:49: key "resources[0].sessions.cache_null": with store memory no session would be kept at all)"},
      {"affinity: none", "affinity: ip",
       R"(f.yaml:22:26: key "resources[0].sessions.affinity": "ip" is not known here; give one of cookie, worker-name, none)"},
      {"affinity: none, ", "", R"(f.yaml:22:15: key "resources[0].sessions.affinity": is missing; add it)"},
      {"store: jdbc", "store: redis", R"("redis" is not known here; give one of memory, jdbc, file, other, none)"},
      {"cache_null: true", "cache_null: true, cookie: X",
       R"(key "resources[0].sessions.cookie": affinity none follows no cookie; remove it)"},
      {"affinity: none", "cookie: 'a b', affinity: cookie",
       R"(key "resources[0].sessions.cookie": must be 1 to 63 of letters)"},
      // Parallel safe.
      {"date: 2026-11-20", "date: 20.11.2026",
       R"(f.yaml:23:32: key "resources[0].parallel_safe.date": must be a day that there is, as YYYY-MM-DD)"},
      {"date: 2026-11-20", "date: 2026-02-30", R"(must be a day that there is, as YYYY-MM-DD)"},
      {"date: 2026-11-20", "date: 2026-2-3", R"(must be a day that there is, as YYYY-MM-DD)"},
      {"date: 2026-11-20", "date: 2026-11-20T10:00", R"(must be a day that there is, as YYYY-MM-DD)"},
      {"by: alice, ", "", R"(f.yaml:23:20: key "resources[0].parallel_safe.by": is missing; add it)"},
      {"\"two-node test, ticket #4711\"", "\"two\\nlines\"",
       R"(f.yaml:23:50: key "resources[0].parallel_safe.evidence": must be one line of 1 to 1024 bytes of text)"},
      // Addresses.
      {"node-01: 10.0.0.1", "node-01: 10.0.0.256",
       R"(f.yaml:6:3: key "addresses.node-01": must be an IPv4 address, an IPv6 address without brackets, or a host name)"},
      {"node-01: 10.0.0.1", "node-03: 10.0.0.1",
       R"(f.yaml:6:3: key "addresses.node-03": node-03 is not among the cluster's nodes; add it there or remove it here)"},
      {"node-02: fd00::2", "node-02: 10.0.0.1",
       R"(f.yaml:7:3: key "addresses.node-02": 10.0.0.1 is the address of node-01 too; give each its own)"},
      {"addresses:\n  node-01: 10.0.0.1\n  node-02: fd00::2\n", "addresses: {}\n",
       R"(f.yaml:5:12: key "addresses": must be a map of node: address with at least one entry)"},
  };
  for (const BadCase& c : cases) {
    SCOPED_TRACE(c.to);
    ASSERT_THAT(std::string(kFull), HasSubstr(c.from));
    const auto read = ParseDescription(absl::StrReplaceAll(kFull, {{c.from, c.to}}), "f.yaml");
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(read.status().message());
    EXPECT_THAT(message, testing::StartsWith("f.yaml:"));
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace jettyfleet
