#include "client/render/audit_view.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "client/render/text.h"

namespace jettyfleet {
namespace {

using AuditFindings = google::protobuf::RepeatedPtrField<v1::AuditFinding>;

Cell VerdictCell(const v1::AuditFinding& finding) {
  if (finding.verdict() == v1::AuditFinding::VERDICT_FAILED) return {"FAILED ", Tone::kBad};
  if (finding.verdict() == v1::AuditFinding::VERDICT_PASSED) return {"remark "};
  return {"unknown", Tone::kUnknown};
}

std::string Line(const v1::AuditFinding& finding, bool colour) {
  const Cell verdict = VerdictCell(finding);
  return absl::StrCat("    ", Paint(verdict.text, verdict.tone, colour), " ", Harmless(finding.id()), ": ",
                      finding.node().empty() ? "" : absl::StrCat(Harmless(finding.node()), ": "),
                      Harmless(finding.text()),
                      finding.remedy().empty() ? "" : absl::StrCat("; ", Harmless(finding.remedy())), "\n");
}

// "15 passed", "13 passed, 1 FAILED, 1 unknown".
std::string Counts(const AuditFindings& findings, bool colour) {
  std::set<std::string> failed;
  std::set<std::string> unknown;
  std::set<std::string> passed;
  for (const v1::AuditFinding& finding : findings) {
    if (finding.verdict() == v1::AuditFinding::VERDICT_FAILED) failed.insert(finding.id());
  }
  for (const v1::AuditFinding& finding : findings) {
    if (finding.verdict() == v1::AuditFinding::VERDICT_UNSPECIFIED && failed.count(finding.id()) == 0) {
      unknown.insert(finding.id());
    }
  }
  for (const v1::AuditFinding& finding : findings) {
    if (failed.count(finding.id()) + unknown.count(finding.id()) == 0) passed.insert(finding.id());
  }
  std::string text = absl::StrCat(passed.size(), " passed");
  if (!failed.empty()) absl::StrAppend(&text, ", ", Paint(absl::StrCat(failed.size(), " FAILED"), Tone::kBad, colour));
  if (!unknown.empty()) {
    absl::StrAppend(&text, ", ", Paint(absl::StrCat(unknown.size(), " unknown"), Tone::kUnknown, colour));
  }
  return text;
}

std::string RenderAudit(const std::string& when, const AuditFindings& findings, bool colour) {
  if (findings.empty()) return "";
  std::string out = absl::StrCat("  audit ", when, ": ", Counts(findings, colour), "\n");
  for (const v1::AuditFinding& finding : findings) {
    const bool has_passed = finding.verdict() == v1::AuditFinding::VERDICT_PASSED;
    if (!has_passed || !finding.text().empty()) out += Line(finding, colour);
  }
  return out;
}

}  // namespace

std::string RenderAudits(const v1::OperationReport& report, bool colour) {
  std::string out;
  for (const v1::NodeReport& node : report.nodes()) {
    out += RenderAudit(absl::StrCat("after ", Harmless(node.node())), node.audit(), colour);
    for (const v1::Surprise& surprise : node.surprises()) {
      absl::StrAppend(&out, "    ", Paint("SURPRISE", Tone::kBad, colour), " ", Harmless(surprise.text()), "\n");
    }
  }
  return out + RenderAudit("at the end", report.audit(), colour);
}

}  // namespace jettyfleet
