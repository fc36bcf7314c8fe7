#include "client/render/haproxy_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "common/description/description_yaml.h"
#include "tests/client/render/golden.h"

namespace jettyfleet {
namespace {

constexpr char kDescription[] = R"(
apiVersion: jettyfleet/v1
kind: Cluster
cluster: blue
nodes: [node-01, node-02]
addresses: {node-01: 10.99.0.11, node-02: "fd00::2"}
resources:
  - name: jetty
    unit: jetty9
    ports: [8080, 8443]
    health: {port: 8443, path: "/he-alth?a=$b&c=#d", status: 204, timeout: 1500ms}
    SESSIONS
load_balancers:
  - host: lb-01
    resource: jetty
    backend: jetty
    servers: {node-01: a, node-02: b}
)";

v1::ClusterDescription Description(const std::string& sessions) {
  absl::StatusOr<v1::ClusterDescription> description =
      ParseDescription(absl::StrReplaceAll(kDescription, {{"SESSIONS", sessions}}), "test");
  EXPECT_TRUE(description.ok()) << description.status();
  return description.ok() ? *std::move(description) : v1::ClusterDescription();
}

std::string Rendered(const v1::ClusterDescription& description) {
  const absl::StatusOr<std::string> text = RenderHaproxy(description, "");
  EXPECT_TRUE(text.ok()) << text.status();
  return text.ok() ? *text : "";
}

TEST(HaproxyConfigTest, EachWayToKeepAClientWithItsServer) {
  ExpectGolden(Rendered(Description("sessions: {affinity: cookie, store: memory, cookie: SRV}")), "haproxy_cookie.cfg");
  ExpectGolden(Rendered(Description("sessions: {affinity: worker-name, store: memory}")), "haproxy_worker_name.cfg");
  ExpectGolden(Rendered(Description("sessions: {affinity: none, store: jdbc, cache_null: true}")), "haproxy_none.cfg");
}

TEST(HaproxyConfigTest, WithoutSessionsAndAddresses) {
  v1::ClusterDescription description = Description("");
  description.clear_addresses();
  description.mutable_resources(0)->mutable_health()->set_port(8080);
  ExpectGolden(Rendered(description), "haproxy_names.cfg");
}

TEST(HaproxyConfigTest, TheSameTextEveryTime) {
  v1::ClusterDescription description = Description("");
  auto& servers = *description.mutable_load_balancers(0)->mutable_servers();
  for (int i = 3; i < 40; ++i) servers["node-" + std::to_string(i)] = "s" + std::to_string(i);
  v1::ClusterDescription copy;
  ASSERT_TRUE(copy.ParseFromString(description.SerializeAsString()));
  EXPECT_EQ(Rendered(description), Rendered(copy));
}

TEST(HaproxyConfigTest, LoadBalancersThatDifferAreRenderedOneByOne) {
  v1::ClusterDescription description = Description("");
  *description.add_load_balancers() = description.load_balancers(0);
  description.mutable_load_balancers(1)->set_host("lb-02");
  EXPECT_TRUE(RenderHaproxy(description, "").ok());
  (*description.mutable_load_balancers(1)->mutable_servers())["node-01"] = "other";
  EXPECT_THAT(std::string(RenderHaproxy(description, "").status().message()), testing::HasSubstr("--host"));
  EXPECT_THAT(*RenderHaproxy(description, "lb-02"), testing::HasSubstr("server other 10.99.0.11:8080 cookie node-01"));
  EXPECT_EQ(RenderHaproxy(description, "lb-03").status().code(), absl::StatusCode::kInvalidArgument);
  description.clear_load_balancers();
  EXPECT_EQ(RenderHaproxy(description, "").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(HaproxyConfigTest, WhatWouldLoseSessionsIsRefused) {
  v1::ClusterDescription description = Description("sessions: {affinity: none, store: jdbc, cache_null: true}");
  description.mutable_resources(0)->mutable_sessions()->set_cache_null(false);
  EXPECT_THAT(std::string(RenderHaproxy(description, "").status().message()), testing::HasSubstr("cache_null"));
  description = Description("sessions: {affinity: worker-name, store: memory}");
  (*description.mutable_load_balancers(0)->mutable_servers())["node.example"] = "c";
  EXPECT_THAT(std::string(RenderHaproxy(description, "").status().message()), testing::HasSubstr("node node.example"));
}

}  // namespace
}  // namespace jettyfleet
