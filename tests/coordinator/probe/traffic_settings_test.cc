#include "coordinator/probe/traffic_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace jettyfleet {
namespace {

using testing::HasSubstr;

v1::TrafficDescription Minimal() {
  v1::TrafficDescription description;
  description.set_url("http://lb-01/");
  return description;
}

TEST(TrafficSettingsTest, WhatIsNotSaidHasADefault) {
  const auto settings = CheckTraffic(Minimal());
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->requests_per_second, 50u);
  EXPECT_EQ(settings->virtual_users, 20u);
  EXPECT_EQ(settings->timeout, absl::Seconds(2));
  EXPECT_EQ(settings->counter_pattern, nullptr);
  EXPECT_EQ(settings->node_pattern, nullptr);
}

TEST(TrafficSettingsTest, RefusesWithAReason) {
  using Description = v1::TrafficDescription;
  const struct {
    std::function<void(Description*)> change;
    const char* reason;
  } kCases[] = {
      {[](Description* d) { d->clear_url(); }, "traffic url"},
      {[](Description* d) { d->set_requests_per_second(5001); }, "requests_per_second is 5001 and may be at most 5000"},
      {[](Description* d) { d->set_virtual_users(1001); }, "virtual_users is 1001 and may be at most 1000"},
      {[](Description* d) { d->mutable_timeout()->set_nanos(1000); }, "traffic timeout is 1us"},
      {[](Description* d) { d->mutable_timeout()->set_seconds(-1); }, "traffic timeout is -1s"},
      {[](Description* d) { d->mutable_timeout()->set_seconds(61); }, "must be 10ms to 1m"},
      {[](Description* d) { d->set_counter_pattern("count="); }, "counter_pattern has 0 groups"},
      {[](Description* d) { d->set_counter_pattern("(a)(b)"); }, "counter_pattern has 2 groups"},
      {[](Description* d) { d->set_node_pattern("("); }, "node_pattern is not a regular expression: missing )"},
      {[](Description* d) { d->set_node_pattern("(?=x)(y)"); }, "node_pattern is not a regular expression"},
      {[](Description* d) { d->set_node_pattern("((x{1000}){1000})"); }, "node_pattern is not a regular expression"},
      {[](Description* d) { d->set_node_pattern("(" + std::string(600, 'x') + ")"); }, "longer than 256"},
  };
  for (const auto& test : kCases) {
    v1::TrafficDescription description = Minimal();
    test.change(&description);
    const absl::Status status = CheckTraffic(description).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.reason;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.reason));
  }
}

TEST(TrafficSettingsTest, ReadsEvidence) {
  v1::TrafficDescription description = Minimal();
  description.set_counter_pattern("count: ([^ ]+)");
  description.set_node_pattern("node: ([a-z0-9-]+)?");
  const auto settings = CheckTraffic(description);
  ASSERT_TRUE(settings.ok());
  const struct {
    std::string body;
    std::optional<uint64_t> counter;
    std::string node;
  } kCases[] = {
      {"count: 12 node: node-01", 12, "node-01"},
      {"", std::nullopt, ""},
      {"count: x node: ", std::nullopt, ""},
      {"count: -1 ", std::nullopt, ""},
      {"count: 18446744073709551615 ", 18446744073709551615u, ""},
      {"count: 18446744073709551616 ", std::nullopt, ""},
      {std::string("\xff\xfe\0 count: 3 node: n", 20), 3, "n"},
      {"node: " + std::string(300, 'n'), std::nullopt, ""},
  };
  for (const auto& test : kCases) {
    const SessionEvidence evidence = ReadEvidence(*settings, test.body, "cookie");
    EXPECT_EQ(evidence.cookie, "cookie");
    EXPECT_EQ(evidence.counter, test.counter) << test.body;
    EXPECT_EQ(evidence.node, test.node) << test.body;
  }
  EXPECT_EQ(ReadEvidence(*CheckTraffic(Minimal()), "count: 1", "").counter, std::nullopt);
}

}  // namespace
}  // namespace jettyfleet
