#include "coordinator/rolling/audit/findings.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "coordinator/rolling/facts.h"

namespace jettyfleet {

void Findings::Begin(absl::string_view id) {
  if (!said_something_) Add(v1::AuditFinding::VERDICT_PASSED, "", "", "");
  id_ = std::string(id);
  said_something_ = false;
}

void Findings::Fail(const std::string& node, const std::string& text, const std::string& remedy) {
  Add(v1::AuditFinding::VERDICT_FAILED, node, text, remedy);
}

void Findings::Unknown(const std::string& node, const std::string& text) {
  Add(v1::AuditFinding::VERDICT_UNSPECIFIED, node, text, "");
}

void Findings::Remark(const std::string& node, const std::string& text) {
  Add(v1::AuditFinding::VERDICT_PASSED, node, text, "");
}

std::vector<v1::AuditFinding> Findings::Take() {
  Begin("");
  said_something_ = true;
  return std::move(findings_);
}

void Findings::Add(v1::AuditFinding::Verdict verdict, const std::string& node, const std::string& text,
                   const std::string& remedy) {
  said_something_ = true;
  v1::AuditFinding& finding = findings_.emplace_back();
  finding.set_id(id_);
  finding.set_verdict(verdict);
  finding.set_node(node);
  finding.set_text(text);
  finding.set_remedy(remedy);
}

const HostView* SeenDc(AuditCase* audit) {
  const HostView* const dc = DcView(audit->now.view);
  if (dc == nullptr) {
    audit->findings.Unknown("", "no DC with quorum, or the nodes name different ones");
    return nullptr;
  }
  if (dc->fresh.cluster >= audit->now.since) return dc;
  audit->findings.Unknown(dc->host, "the DC has not told yet how the cluster is");
  return nullptr;
}

const v1::CibFact* SeenCib(AuditCase* audit) {
  const HostView* const dc = SeenDc(audit);
  if (dc == nullptr) return nullptr;
  const v1::CibFact& cib = dc->report.cib();
  if (dc->fresh.cib >= audit->now.since && cib.error().empty()) return &cib;
  audit->findings.Unknown(dc->host, cib.error().empty() ? "its CIB has not been read yet" : cib.error());
  return nullptr;
}

std::set<std::string> HeldByOperator(const AuditCase& audit) {
  std::set<std::string> held;
  const HostView* const dc = DcView(audit.now.view);
  if (dc == nullptr || dc->fresh.cluster < audit.now.since || dc->fresh.cib < audit.now.since) return held;
  std::set<std::string> before;
  for (const v1::ClusterNodeFact& node : audit.baseline.nodes()) {
    if (node.standby()) before.insert(node.name());
  }
  std::set<std::string> ours;
  for (const v1::CibEntryFact& entry : dc->report.cib().ours()) ours.insert(entry.node());
  for (const v1::ClusterNodeFact& node : dc->report.cluster().nodes()) {
    if (node.standby() && before.count(node.name()) == 0 && ours.count(node.name()) == 0) held.insert(node.name());
  }
  const auto& known = audit.baseline.locations();
  for (const v1::LocationFact& location : dc->report.cib().locations()) {
    const bool is_new = std::find(known.begin(), known.end(), location.id()) == known.end();
    if (is_new && absl::StartsWith(location.id(), "cli-") && !location.node().empty()) held.insert(location.node());
  }
  return held;
}

std::string PrimitiveOf(const std::string& instance) { return instance.substr(0, instance.find(':')); }

}  // namespace jettyfleet
