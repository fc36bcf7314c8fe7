#include "client/render/finding_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jettyfleet {

std::string AreaOf(absl::string_view id) { return std::string(id.substr(0, id.find('.'))); }

const char* SeverityName(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_FATAL:
      return "fatal";
    case v1::SEVERITY_WARNING:
      return "warning";
    case v1::SEVERITY_INFO:
      return "info";
    default:
      return "unknown severity";
  }
}

std::string SubjectOf(const v1::Finding& finding) {
  std::string subject = finding.id();
  if (!finding.resource().empty()) absl::StrAppend(&subject, ", ", finding.resource());
  if (!finding.nodes().empty()) absl::StrAppend(&subject, ", ", absl::StrJoin(finding.nodes(), " "));
  return subject;
}

bool Counts(const v1::Finding& finding) { return !finding.silenced() && finding.severity() != v1::SEVERITY_INFO; }

v1::Answer PassedOf(const Findings& findings) {
  v1::Answer passed = v1::ANSWER_YES;
  for (const v1::Finding& finding : findings) {
    if (!Counts(finding) || finding.passed() == v1::ANSWER_YES) continue;
    if (finding.passed() == v1::ANSWER_NO) return v1::ANSWER_NO;
    passed = v1::ANSWER_UNSPECIFIED;
  }
  return passed;
}

std::string SilenceOf(const v1::Finding& finding) {
  if (finding.silence_reason().empty()) return "";
  return absl::StrCat(finding.silenced() ? "silenced" : "lowered", " until ", finding.silence_until(), ": ",
                      finding.silence_reason());
}

}  // namespace jettyfleet
