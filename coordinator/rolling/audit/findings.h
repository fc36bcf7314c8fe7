// How the single audits write down what they find.
#ifndef JETTYFLEET_COORDINATOR_ROLLING_AUDIT_FINDINGS_H_
#define JETTYFLEET_COORDINATOR_ROLLING_AUDIT_FINDINGS_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "coordinator/rolling/audit/audit.h"
#include "proto/audit.pb.h"

namespace jettyfleet {

class Findings {
 public:
  // What is found from now on is of this audit. The one before has passed if nothing else was said of it.
  void Begin(absl::string_view id);

  void Fail(const std::string& node, const std::string& text, const std::string& remedy);
  // Not observed, or not settled yet.
  void Unknown(const std::string& node, const std::string& text);
  // Passed all the same.
  void Remark(const std::string& node, const std::string& text);

  std::vector<v1::AuditFinding> Take();

 private:
  void Add(v1::AuditFinding::Verdict verdict, const std::string& node, const std::string& text,
           const std::string& remedy);

  std::string id_;
  bool said_something_ = true;
  std::vector<v1::AuditFinding> findings_;
};

// Lives for one call of JudgeAudit.
struct AuditCase {
  const v1::AuditBaseline& baseline;
  const AuditObservations& now;
  const AuditExpectation& expected;
  Findings findings;
};

// The DC with quorum, observed since; nullptr after saying so.
const HostView* SeenDc(AuditCase* audit);
// The DC's CIB, read since; nullptr after saying so.
const v1::CibFact* SeenCib(AuditCase* audit);

// Nodes that an operator holds out, or bans from, by what came since the baseline and is not ours; read from the DC.
std::set<std::string> HeldByOperator(const AuditCase& audit);

// "jetty:1" is an instance of "jetty".
std::string PrimitiveOf(const std::string& instance);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_ROLLING_AUDIT_FINDINGS_H_
