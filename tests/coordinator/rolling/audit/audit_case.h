// What the tests of audits share: a row of a table that bends what is seen after a healthy baseline.
#ifndef JETTYFLEET_TESTS_COORDINATOR_ROLLING_AUDIT_AUDIT_CASE_H_
#define JETTYFLEET_TESTS_COORDINATOR_ROLLING_AUDIT_AUDIT_CASE_H_

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "coordinator/rolling/audit/audit.h"
#include "tests/coordinator/rolling/healthy_view.h"

namespace jettyfleet {

struct AuditWorld {
  ClusterView view;  // of now
  std::map<std::string, v1::Leftovers> leftovers;
  v1::AuditBaseline baseline;
  AuditExpectation expected;

  v1::ClusterFact* dc() { return Dc(&view); }
  HostView* node(const std::string& name) { return &view.nodes.at(name); }
  HostView* balancer() { return &view.load_balancers.at("lb-01"); }
};

// Three nodes, as they were at noon and are again; the baseline is taken from such a view.
AuditWorld HealthyWorld();

struct AuditTestCase {
  const char* name;
  std::function<void(AuditWorld*)> bend;
  // What is said beyond "passed": "failed ID NODE: TEXT", "unknown ...", "remark ...", one a line.
  std::string finds;
};

inline void PrintTo(const AuditTestCase& audit, std::ostream* out) { *out << audit.name; }

// Judges, and expects what the case says; also that every audit has said something, and that the order does not change.
void ExpectFindings(const AuditTestCase& audit);

}  // namespace jettyfleet

#endif  // JETTYFLEET_TESTS_COORDINATOR_ROLLING_AUDIT_AUDIT_CASE_H_
