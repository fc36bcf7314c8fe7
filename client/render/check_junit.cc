#include "client/render/check_junit.h"

#include <pugixml.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/render/finding_words.h"
#include "client/render/text.h"
#include "common/proto_time.h"

namespace jettyfleet {
namespace {

// What XML 1.0 can hold, line by line. Of what is valid UTF-8 it cannot hold control characters, U+FFFE and U+FFFF.
std::string XmlText(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) lines.push_back(Harmless(line));
  return absl::StrReplaceAll(absl::StrJoin(lines, "\n"), {{"\xEF\xBF\xBE", "?"}, {"\xEF\xBF\xBF", "?"}});
}

// For attributes.
std::string XmlLine(absl::string_view text) { return absl::StrReplaceAll(XmlText(text), {{"\n", " "}}); }

std::string Body(const v1::Finding& finding) {
  std::string text = finding.summary();
  for (const v1::Evidence& evidence : finding.evidence()) {
    absl::StrAppend(&text, "\n", evidence.host(), evidence.host().empty() ? "" : ": ", evidence.value());
  }
  if (!finding.remedy().empty()) absl::StrAppend(&text, "\nremedy: ", finding.remedy());
  if (const std::string silence = SilenceOf(finding); !silence.empty()) absl::StrAppend(&text, "\n", silence);
  return XmlText(text);
}

void AddResult(const v1::Finding& finding, const char* kind, const std::string& message, pugi::xml_node* testcase) {
  pugi::xml_node result = testcase->append_child(kind);
  result.append_attribute("message") = XmlLine(message).c_str();
  if (std::string(kind) != "skipped") result.append_attribute("type") = SeverityName(finding.severity());
  result.text() = Body(finding).c_str();
}

struct Totals {
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

void AddTestCase(const v1::Finding& finding, pugi::xml_node* suite, Totals* totals) {
  pugi::xml_node testcase = suite->append_child("testcase");
  testcase.append_attribute("classname") = XmlLine(AreaOf(finding.id())).c_str();
  // Without the nodes, so that a test case keeps its name whatever fails.
  testcase.append_attribute("name") =
      XmlLine(finding.resource().empty() ? finding.id() : absl::StrCat(finding.id(), " ", finding.resource())).c_str();
  testcase.append_attribute("time") = "0";
  if (finding.silenced()) {
    ++totals->skipped;
    AddResult(finding, "skipped", SilenceOf(finding), &testcase);
  } else if (finding.passed() == v1::ANSWER_YES) {
    return;
  } else if (finding.severity() == v1::SEVERITY_INFO) {
    testcase.append_child("system-out").text() = Body(finding).c_str();
  } else if (finding.passed() == v1::ANSWER_NO) {
    ++totals->failures;
    AddResult(finding, "failure", finding.summary(), &testcase);
  } else {
    ++totals->errors;
    AddResult(finding, "error", finding.summary(), &testcase);
  }
}

}  // namespace

std::string RenderCheckJunit(const v1::CheckReport& report) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  pugi::xml_node suite = suites.append_child("testsuite");
  Totals totals;
  for (const v1::Finding& finding : report.findings()) AddTestCase(finding, &suite, &totals);
  suite.append_attribute("name") = XmlLine(absl::StrCat("jettyfleet check ", report.cluster())).c_str();
  suite.append_attribute("tests") = report.findings_size();
  suite.append_attribute("failures") = totals.failures;
  suite.append_attribute("errors") = totals.errors;
  suite.append_attribute("skipped") = totals.skipped;
  suite.append_attribute("time") = absl::StrFormat("%.3f", absl::ToDoubleSeconds(FromProto(report.took()))).c_str();
  suite.append_attribute("timestamp") =
      absl::FormatTime("%Y-%m-%dT%H:%M:%S", FromProto(report.at()), absl::UTCTimeZone()).c_str();
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace jettyfleet
