#include "tests/coordinator/rolling/audit/audit_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "coordinator/rolling/audit/baseline.h"

namespace jettyfleet {
namespace {

std::string Show(const std::vector<v1::AuditFinding>& findings) {
  std::string text;
  for (const v1::AuditFinding& finding : findings) {
    const bool passed = finding.verdict() == v1::AuditFinding::VERDICT_PASSED;
    const bool failed = finding.verdict() == v1::AuditFinding::VERDICT_FAILED;
    if (passed && finding.text().empty()) continue;
    absl::StrAppend(&text,
                    failed   ? "failed "
                    : passed ? "remark "
                             : "unknown ",
                    finding.id(), " ", finding.node(), finding.node().empty() ? "" : ": ", finding.text(), "\n");
    // Who has to do something is told what.
    EXPECT_EQ(finding.remedy().empty(), !failed) << finding.ShortDebugString();
  }
  return text;
}

}  // namespace

AuditWorld HealthyWorld() {
  AuditWorld world{HealthyView(), {}, {}, {}};
  for (const auto& [name, host] : world.view.nodes) world.leftovers[name] = NothingLeft();
  const absl::StatusOr<v1::AuditBaseline> baseline = TakeAuditBaseline({world.view, Noon(), world.leftovers});
  EXPECT_TRUE(baseline.ok()) << baseline.status();
  if (baseline.ok()) world.baseline = *baseline;
  world.expected.operation_id = kOperation;
  world.expected.resource = "web";
  return world;
}

void ExpectFindings(const AuditTestCase& audit) {
  AuditWorld world = HealthyWorld();
  audit.bend(&world);
  const std::vector<v1::AuditFinding> findings =
      JudgeAudit(world.baseline, {world.view, Noon(), world.leftovers}, world.expected);
  EXPECT_EQ(Show(findings), audit.finds);
  std::vector<std::string> ids;
  for (const v1::AuditFinding& finding : findings) {
    if (ids.empty() || ids.back() != finding.id()) ids.push_back(finding.id());
  }
  EXPECT_THAT(
      ids, testing::ElementsAre("node-states", "one-partition", "one-dc", "instances", "failed-actions", "processes",
                                "cib-identical", "cib-unchanged", "cib-leftovers", "constraints", "packet-filter",
                                "lease-timers", "leases", "standstill", "core-dumps", "disk-space", "load-balancers"));
}

}  // namespace jettyfleet
