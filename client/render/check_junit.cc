#include "client/render/check_junit.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/render/finding_words.h"
#include "client/render/junit.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

std::string Body(const v1::Finding& finding) {
  std::string text = finding.summary();
  for (const v1::Evidence& evidence : finding.evidence()) {
    absl::StrAppend(&text, "\n", evidence.host(), evidence.host().empty() ? "" : ": ", evidence.value());
  }
  if (!finding.remedy().empty()) absl::StrAppend(&text, "\nremedy: ", finding.remedy());
  if (const std::string silence = SilenceOf(finding); !silence.empty()) absl::StrAppend(&text, "\n", silence);
  return text;
}

JunitCase CaseOf(const v1::Finding& finding) {
  JunitCase out;
  out.classname = AreaOf(finding.id());
  // Without the nodes, so that a test case keeps its name whatever fails.
  out.name = finding.resource().empty() ? finding.id() : absl::StrCat(finding.id(), " ", finding.resource());
  out.message = finding.summary();
  out.type = SeverityName(finding.severity());
  out.body = Body(finding);
  if (finding.silenced()) {
    out.result = JunitCase::Result::kSkipped;
    out.message = SilenceOf(finding);
  } else if (finding.passed() == v1::ANSWER_YES) {
    return out;
  } else if (finding.severity() == v1::SEVERITY_INFO) {
    out.output = Body(finding);
  } else {
    out.result = finding.passed() == v1::ANSWER_NO ? JunitCase::Result::kFailure : JunitCase::Result::kError;
  }
  return out;
}

}  // namespace

std::string RenderCheckJunit(const v1::CheckReport& report) {
  JunitSuite suite;
  suite.name = absl::StrCat("jettyfleet check ", report.cluster());
  suite.at = FromProto(report.at());
  suite.took = FromProto(report.took());
  for (const v1::Finding& finding : report.findings()) suite.cases.push_back(CaseOf(finding));
  return RenderJunit(suite);
}

}  // namespace jettyfleet
