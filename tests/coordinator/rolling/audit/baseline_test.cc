#include "coordinator/rolling/audit/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/rolling/audit/audit_case.h"

namespace jettyfleet {
namespace {

TEST(BaselineTest, HoldsWhatIsComparedLater) {
  AuditWorld world = HealthyWorld();
  const v1::AuditBaseline& baseline = world.baseline;
  EXPECT_EQ(baseline.nodes_size(), 3);
  ASSERT_EQ(baseline.instances_size(), 3);
  EXPECT_EQ(baseline.instances(0).resource(), "web");
  EXPECT_EQ(baseline.instances(0).node(), "node-01");
  EXPECT_TRUE(baseline.instances(0).cloned());
  EXPECT_EQ(baseline.configuration_digest(), "5d1c");
  EXPECT_EQ(baseline.servers_size(), 3);
  EXPECT_EQ(baseline.leftovers_size(), 3);
  ASSERT_EQ(baseline.processes_size(), 3);
  EXPECT_EQ(baseline.processes(0).main_pid(), 4711);
}

TEST(BaselineTest, NothingOfItMayBeMissing) {
  const struct {
    const char* says;
    std::function<void(AuditWorld*)> bend;
  } cases[] = {
      {"no DC", [](AuditWorld* w) { w->dc()->set_dc_with_quorum(v1::ANSWER_NO); }},
      {"the agent of node node-01", [](AuditWorld* w) { w->node("node-01")->connected = false; }},
      {"node node-01 has not been observed",
       [](AuditWorld* w) { w->node("node-01")->fresh.cluster = Noon() - absl::Seconds(1); }},
      {"node node-03 has not been observed",
       [](AuditWorld* w) { w->node("node-03")->fresh.cib = Noon() - absl::Seconds(1); }},
      {"node node-03 has not been observed",
       [](AuditWorld* w) { w->node("node-03")->fresh.units = Noon() - absl::Seconds(1); }},
      {"exit 102", [](AuditWorld* w) { w->node("node-03")->report.mutable_cib()->set_error("exit 102"); }},
      {"no digest", [](AuditWorld* w) { w->node("node-03")->report.mutable_cib()->clear_configuration_digest(); }},
      {"has not told what is left", [](AuditWorld* w) { w->leftovers.erase("node-03"); }},
      {"load balancer lb-01", [](AuditWorld* w) { w->balancer()->connected = false; }},
      {"load balancer lb-01", [](AuditWorld* w) { w->balancer()->fresh.lb_servers = Noon() - absl::Seconds(1); }},
  };
  for (const auto& c : cases) {
    AuditWorld world = HealthyWorld();
    c.bend(&world);
    const absl::StatusOr<v1::AuditBaseline> baseline = TakeAuditBaseline({world.view, Noon(), world.leftovers});
    EXPECT_FALSE(baseline.ok()) << c.says;
    EXPECT_THAT(std::string(baseline.status().message()), testing::HasSubstr(c.says));
  }
}

}  // namespace
}  // namespace jettyfleet
